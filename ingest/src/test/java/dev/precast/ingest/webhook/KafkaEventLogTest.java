package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaEventLogTest {
    private static final Duration WITHIN = Duration.ofMillis(800);
    /** As {@code max.block.ms} of the real one. */
    private static final long BLOCK = Duration.ofMillis(400).toNanos();

    private static final List<Hint> HINTS = IntStream.range(0, 50)
            .mapToObj(i -> new Hint("generic", "push", "a/b", "t" + i, null, "e" + i, Instant.EPOCH))
            .toList();

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void producerThatBlocksAndFails_isAskedOnce() {
        assertThatThrownBy(() -> log(CompletableFuture.failedFuture(new TimeoutException("no buffer")))
                        .append(HINTS, List.of(), WITHIN))
                .isInstanceOf(EventLog.NotPersistedException.class)
                .hasMessageContaining("no buffer");
        assertThat(nanos.get()).isEqualTo(BLOCK);
    }

    @Test
    void producerThatBlocksAndTakes_isAskedNoMoreThanThereIsTime() {
        assertThatThrownBy(() -> log(new CompletableFuture<>()).append(HINTS, List.of(), WITHIN))
                .isInstanceOf(EventLog.NotPersistedException.class)
                .hasMessageContaining("within 800 ms");
        assertThat(nanos.get()).isLessThanOrEqualTo(WITHIN.toNanos());
    }

    private KafkaEventLog log(Future<RecordMetadata> acknowledgement) {
        return new KafkaEventLog(
                new MockProducer<>(false, null, new StringSerializer(), (topic, value) -> RecordJson.write(value)) {
                    @Override
                    public synchronized Future<RecordMetadata> send(ProducerRecord<String, Object> record) {
                        nanos.addAndGet(BLOCK);
                        return acknowledgement;
                    }
                },
                4,
                nanos::get);
    }
}
