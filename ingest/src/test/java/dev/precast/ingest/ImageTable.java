package dev.precast.ingest;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the image topic from its beginning, as a converter would. For one thread. */
final class ImageTable implements AutoCloseable {
    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<String, Optional<ImageRecord>> images = new HashMap<>();
    private final Map<String, List<Long>> versions = new HashMap<>();
    private final List<ImageRecord> all = new ArrayList<>();

    ImageTable(KafkaConfig kafka) {
        consumer = new KafkaConsumer<>(
                kafka.consumerProperties("test-image-table"), new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        for (PartitionInfo partition : consumer.partitionsFor(TopicCatalogue.IMAGES.name())) {
            partitions.add(new TopicPartition(partition.topic(), partition.partition()));
        }
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
    }

    /** Reads on for a moment, then: absent when the topic has nothing of the key, an empty optional when it is a tombstone. */
    Map<String, Optional<ImageRecord>> read() {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(50))) {
            try {
                Optional<ImageRecord> image = record.value() == null
                        ? Optional.empty()
                        : Optional.of(RecordJson.read(record.value(), ImageRecord.class));
                images.put(record.key(), image);
                image.ifPresent(all::add);
                versions.computeIfAbsent(record.key(), key -> new ArrayList<>())
                        .add(VersionHeader.get(record.headers()).orElse(-1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return Map.copyOf(images);
    }

    /** Reads all that is there by now, for those who count. */
    void readToEnd() {
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            read();
        }
    }

    /** Root digest of the key as text; {@code gone} for a tombstone, {@code none} without a record. */
    String root(String key) {
        Optional<ImageRecord> image = read().get(key);
        return image == null
                ? "none"
                : image.map(i -> i.rootDigest().toString()).orElse("gone");
    }

    /** Reads on for a moment; whether every key then points to the root given for it. One reading for all keys. */
    boolean agrees(Map<String, String> roots) {
        Map<String, Optional<ImageRecord>> found = read();
        return roots.entrySet().stream()
                .allMatch(entry -> found.getOrDefault(entry.getKey(), Optional.empty())
                        .map(image -> image.rootDigest().toString().equals(entry.getValue()))
                        .orElse(false));
    }

    /** The last record of the key. */
    ImageRecord image(String key) {
        return images.getOrDefault(key, Optional.empty()).orElseThrow();
    }

    /** In the order of the topic. */
    List<Long> versions(String key) {
        return versions.getOrDefault(key, List.of());
    }

    /** Every record that was ever written, of all keys. */
    List<ImageRecord> all() {
        return List.copyOf(all);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
