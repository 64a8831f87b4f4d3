package dev.precast.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.serving.support.Serving;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** A view while records keep coming, which is never at the end of its topics at the moment of asking for it. */
class SteadyFlowIT extends BetweenTopicAndUpstream {
    private static final int UNDER_WAY = 500;
    private static final long WELL_WITHIN_NANOS = Duration.ofSeconds(12).toNanos();

    SteadyFlowIT(KafkaConfig kafka) {
        super(kafka);
    }

    @Test
    void recordsKeepComing_theViewIsFullAgainAndAgain() {
        AtomicBoolean ended = new AtomicBoolean();
        try (Serving serving = start()) {
            long started = System.nanoTime();
            CompletableFuture<Void> flow = CompletableFuture.runAsync(() -> write(ended));
            try {
                await().atMost(Duration.ofSeconds(90))
                        .untilAsserted(() -> assertThat(heldEverythingAt(serving) - started)
                                .as("nanoseconds within the flow of which the view held everything")
                                .isGreaterThan(WELL_WITHIN_NANOS));
            } finally {
                ended.set(true);
                flow.join();
            }
        }
    }

    private static long heldEverythingAt(Serving serving) {
        double age = serving.meters().get("precast.view.age").gauge().value();
        return System.nanoTime() - Math.round(age * 1e9);
    }

    /** As fast as the broker takes it. */
    private void write(AtomicBoolean ended) {
        Semaphore room = new Semaphore(UNDER_WAY);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                kafka.producerProperties("flow"), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; !ended.get(); i++) {
                String key = RecordKeys.tag("flow/app", "v" + i % 1_000);
                RecordHeaders headers = new RecordHeaders();
                VersionHeader.put(headers, i);
                room.acquireUninterruptibly();
                var unused = producer.send(
                        new ProducerRecord<>(
                                TopicCatalogue.VARIANTS.name(),
                                TopicCatalogue.partition(key, kafka.partitions()),
                                key.getBytes(UTF_8),
                                null,
                                headers),
                        (written, failure) -> room.release());
            }
        }
    }
}
