package dev.precast.serving.support;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes what converters and operators write. */
public final class VariantTopic implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final int partitions;

    public VariantTopic(KafkaConfig config) {
        producer = new KafkaProducer<>(
                config.producerProperties("test"), new ByteArraySerializer(), new ByteArraySerializer());
        partitions = config.partitions();
    }

    public void enable(String pattern) {
        send(TopicCatalogue.SETTINGS.name(), 0, pattern, RecordJson.write(new RepositorySettings(true, List.of())), -1);
    }

    public void set(String pattern, RepositorySettings settings) {
        send(TopicCatalogue.SETTINGS.name(), 0, pattern, RecordJson.write(settings), -1);
    }

    /** Off for what the pattern matches, whatever wider patterns say. */
    public void off(String pattern) {
        send(TopicCatalogue.SETTINGS.name(), 0, pattern, RecordJson.write(RepositorySettings.OFF), -1);
    }

    /** As if nothing had been said of the pattern. */
    public void disable(String pattern) {
        send(TopicCatalogue.SETTINGS.name(), 0, pattern, null, -1);
    }

    public void publish(long version, VariantManifest manifest) {
        String key = RecordKeys.digest(manifest.repository(), manifest.digest());
        variant(key, RecordJson.write(manifest), version);
    }

    public void publish(long version, TagOffers offers) {
        variant(RecordKeys.tag(offers.repository(), offers.tag()), RecordJson.write(offers), version);
    }

    public void tombstone(long version, String key) {
        variant(key, null, version);
    }

    /** @param version of the header; below zero: none */
    public void variant(String key, byte @Nullable [] value, long version) {
        send(TopicCatalogue.VARIANTS.name(), TopicCatalogue.partition(key, partitions), key, value, version);
    }

    @Override
    public void close() {
        producer.close();
    }

    @SuppressWarnings("NullAway") // A null value is a tombstone.
    private void send(String topic, int partition, String key, byte @Nullable [] value, long version) {
        RecordHeaders headers = new RecordHeaders();
        if (version >= 0) {
            VersionHeader.put(headers, version);
        }
        try {
            producer.send(new ProducerRecord<>(topic, partition, key.getBytes(UTF_8), value, headers))
                    .get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
