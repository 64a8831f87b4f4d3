package dev.precast.serving.keys;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows {@code precast-keys} with a thread of its own. Without brokers it goes on with what it has and tries again. Nothing
 * that is served depends on it. Thread-safe.
 */
public final class KeyReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyReader.class);
    private static final TopicPartition SOURCE = new TopicPartition(TopicCatalogue.KEYS.name(), 0);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final long RETRY_MILLIS = 2_000;
    private static final long END_MILLIS = 2_000;

    private final KafkaConfig kafka;
    private final Deserializer<dev.precast.schemas.record.SigningKeyRecord> values =
            TopicCatalogue.KEYS.valueSerde().deserializer();
    private volatile KeyRing ring = KeyRing.EMPTY;
    private volatile boolean closed;
    private volatile @Nullable KafkaConsumer<String, byte[]> consumer;
    private @Nullable Thread thread;

    public KeyReader(KafkaConfig kafka) {
        this.kafka = kafka;
    }

    public synchronized void start() {
        Thread reading = new Thread(this::run, "precast-serving-keys");
        reading.setDaemon(true);
        reading.start();
        thread = reading;
    }

    /** As far as it was read. */
    public KeyRing ring() {
        return ring;
    }

    @Override
    public synchronized void close() {
        closed = true;
        Thread reading = thread;
        KafkaConsumer<String, byte[]> polling = consumer;
        if (polling != null) {
            polling.wakeup();
        }
        if (reading != null) {
            try {
                reading.join(END_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        while (!closed) {
            try {
                follow();
            } catch (WakeupException e) {
                return;
            } catch (KafkaException e) {
                LOG.debug("Cannot follow the keys: {}; trying again", e.toString());
                try {
                    TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private void follow() {
        try (KafkaConsumer<String, byte[]> polling = new KafkaConsumer<>(
                kafka.consumerProperties("precast-serving-keys"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer = polling;
            polling.assign(List.of(SOURCE));
            polling.seekToBeginning(List.of(SOURCE));
            while (!closed) {
                for (ConsumerRecord<String, byte[]> record : polling.poll(POLL)) {
                    take(record);
                }
            }
        } finally {
            consumer = null;
        }
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        try {
            ring = ring.with(record.key(), values.deserialize(record.topic(), record.value()));
        } catch (SerializationException e) {
            LOG.warn("Cannot read the key at {}@{}: {}", record.topic(), record.offset(), e.getMessage());
        }
    }
}
