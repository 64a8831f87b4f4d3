package dev.precast.serving.freshness;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.serving.metrics.ServingMetrics;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hints of the source {@code serving} in {@code precast-hints}. Sent by a thread of their own, which alone waits for Kafka: while
 * it is away a few hints are kept and the rest dropped, and the next request makes another. Connects with the first hint.
 */
public final class KafkaHints implements MissHints, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaHints.class);
    private static final String SOURCE = "serving";
    private static final int KEPT = 500;
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final Duration CLOSING = Duration.ofSeconds(1);

    private final KafkaConfig kafka;
    private final Clock clock;
    private final ServingMetrics metrics;
    private final ThreadPoolExecutor thread;
    /** Used by the one thread only, and after its end. */
    private @Nullable Producer<String, Hint> producer;

    /** Does no I/O. */
    public KafkaHints(KafkaConfig kafka, Clock clock, ServingMetrics metrics) {
        this.kafka = kafka;
        this.clock = clock;
        this.metrics = metrics;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(KEPT),
                task -> {
                    Thread made = new Thread(task, "precast-serving-hints");
                    made.setDaemon(true);
                    return made;
                },
                (task, executor) -> metrics.freshness("hint-dropped"));
    }

    @Override
    public void report(Reference reference, boolean gone, @Nullable Digest digest) {
        Hint hint = new Hint(
                SOURCE,
                gone ? "delete" : "miss",
                reference.repository(),
                reference.tag(),
                gone ? null : digest,
                UUID.randomUUID().toString(),
                clock.instant());
        thread.execute(() -> send(hint));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // The callback hears of it.
    private void send(Hint hint) {
        try {
            Producer<String, Hint> open = producer == null ? open() : producer;
            producer = open;
            int partitions = open.partitionsFor(TopicCatalogue.HINTS.name()).size();
            open.send(
                    new ProducerRecord<>(
                            TopicCatalogue.HINTS.name(),
                            TopicCatalogue.partition(hint.repository(), partitions),
                            hint.repository(),
                            hint),
                    (sent, failure) -> counted(failure));
        } catch (KafkaException e) {
            counted(e);
        }
    }

    private void counted(@Nullable Exception failure) {
        metrics.freshness(failure == null ? "hint-sent" : "hint-failed");
        if (failure != null) {
            LOG.warn("Cannot send a hint to Kafka: {}. The next request of the tag makes another.", failure.toString());
        }
    }

    private Producer<String, Hint> open() {
        Properties properties = kafka.producerProperties("precast-serving-hints");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MILLIS);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * TIMEOUT_MILLIS);
        return new KafkaProducer<>(properties, new StringSerializer(), (topic, value) -> RecordJson.write(value));
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (thread.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS) && producer != null) {
                producer.close(CLOSING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
