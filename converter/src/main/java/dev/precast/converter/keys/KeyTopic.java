package dev.precast.converter.keys;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads {@code precast-keys} once, before anything is signed. */
public final class KeyTopic {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Logger LOG = LoggerFactory.getLogger(KeyTopic.class);

    private KeyTopic() {}

    /**
     * All of it as it is now.
     *
     * @throws org.apache.kafka.common.KafkaException if the brokers do not answer
     */
    public static KeyRing read(KafkaConfig config) {
        TopicPartition source = new TopicPartition(TopicCatalogue.KEYS.name(), 0);
        KeyRing ring = KeyRing.EMPTY;
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                config.consumerProperties("precast-converter-keys"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            Long end = consumer.endOffsets(List.of(source), PATIENCE).get(source);
            while (end != null && consumer.position(source, PATIENCE) < end) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    ring = take(ring, record);
                }
            }
        }
        return ring;
    }

    /** What cannot be read is passed over, as the streams do, which also keep it. */
    private static KeyRing take(KeyRing ring, ConsumerRecord<String, byte[]> record) {
        try {
            SigningKeyRecord value =
                    TopicCatalogue.KEYS.valueSerde().deserializer().deserialize(record.topic(), record.value());
            return ring.with(record.key(), value);
        } catch (SerializationException e) {
            LOG.warn("Cannot read the key at {}@{}: {}", record.topic(), record.offset(), e.getMessage());
            return ring;
        }
    }
}
