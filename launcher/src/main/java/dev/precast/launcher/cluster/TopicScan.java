package dev.precast.launcher.cluster;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads a partition from its beginning to where it ended when the reading began. */
final class TopicScan {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private TopicScan() {}

    /** How many partitions the topic has. */
    static int partitions(KafkaConfig config, Topic<?> topic) throws IOException {
        try (KafkaConsumer<String, byte[]> consumer = consumer(config)) {
            int count = consumer.partitionsFor(topic.name(), PATIENCE).size();
            if (count == 0) {
                throw new IOException("Cannot read " + topic.name() + ": the cluster at " + config.bootstrapServers()
                        + " has no such topic. `precast topics apply` makes it.");
            }
            return count;
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    /** Values as bytes; null for tombstones. */
    static void read(KafkaConfig config, Topic<?> topic, int partition, Consumer<ConsumerRecord<String, byte[]>> each)
            throws IOException {
        TopicPartition source = new TopicPartition(topic.name(), partition);
        try (KafkaConsumer<String, byte[]> consumer = consumer(config)) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            Long found = consumer.endOffsets(List.of(source), PATIENCE).get(source);
            long end = found == null ? 0 : found;
            // By position: the last offsets of a partition may be control records, which no poll returns.
            while (consumer.position(source, PATIENCE) < end) {
                consumer.poll(POLL).forEach(each);
            }
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    private static KafkaConsumer<String, byte[]> consumer(KafkaConfig config) {
        Properties properties = config.consumerProperties("precast-cli");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
    }
}
