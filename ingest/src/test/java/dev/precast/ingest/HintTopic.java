package dev.precast.ingest;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads every hint that there is. */
final class HintTopic {
    private HintTopic() {}

    /** Of each partition in order. */
    static List<Hint> read(KafkaConfig kafka) throws IOException {
        List<Hint> hints = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("test-hints"), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TopicCatalogue.HINTS.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < end.getOrDefault(p, 0L))) {
                for (ConsumerRecord<String, byte[]> found : consumer.poll(Duration.ofMillis(100))) {
                    hints.add(RecordJson.read(found.value(), Hint.class));
                }
            }
        }
        return hints;
    }
}
