package dev.precast.testkit;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** What lies in the topics, and putting something there in place of a role. */
public final class TopicContents {
    private static final Duration POLL = Duration.ofMillis(100);

    private TopicContents() {}

    /** All that is committed up to now, each partition in its order. */
    public static List<ConsumerRecord<String, byte[]>> of(KafkaConfig kafka, Topic<?> topic) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("test-reader"), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(POLL).forEach(records::add);
            }
        }
        return records;
    }

    public static List<Hint> hints(KafkaConfig kafka) throws IOException {
        List<Hint> hints = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : of(kafka, TopicCatalogue.HINTS)) {
            hints.add(RecordJson.read(record.value(), Hint.class));
        }
        return hints;
    }

    /** Returns once the broker has it, in the partition where the roles expect it. */
    public static void put(KafkaConfig kafka, Topic<?> topic, String key, Object value)
            throws InterruptedException, ExecutionException {
        write(kafka, topic, null, key, value);
    }

    /** As above, with a key that says nothing, into this partition. */
    public static void put(KafkaConfig kafka, Topic<?> topic, int partition, Object value)
            throws InterruptedException, ExecutionException {
        write(kafka, topic, partition, "test", value);
    }

    private static void write(KafkaConfig kafka, Topic<?> topic, @Nullable Integer partition, String key, Object value)
            throws InterruptedException, ExecutionException {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                kafka.producerProperties("test-writer"), new StringSerializer(), new ByteArraySerializer())) {
            int partitions = producer.partitionsFor(topic.name()).size();
            int where = partition == null ? TopicCatalogue.partition(key, partitions) : partition;
            producer.send(new ProducerRecord<>(topic.name(), where, key, RecordJson.write(value)))
                    .get();
        }
    }
}
