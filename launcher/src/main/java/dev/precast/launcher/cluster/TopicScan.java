package dev.precast.launcher.cluster;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads partitions from their beginning to where they ended when the reading began. */
final class TopicScan {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int FETCH_BYTES = 4 << 20;
    /** Records unpacked at once. */
    private static final int MANY = 500;
    /** Of those that may be large and pack well: what was fetched says nothing about what it unpacks to. */
    private static final int FEW = 5;

    private TopicScan() {}

    /** How many partitions the topic has. */
    static int partitions(KafkaConfig config, Topic<?> topic) throws IOException {
        try (KafkaConsumer<String, byte[]> consumer = consumer(config, MANY)) {
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
        read(config, List.of(new TopicPartition(topic.name(), partition)), Long.MAX_VALUE, each, share -> {});
    }

    /**
     * Several partitions at once.
     *
     * @param last of each partition: so many offsets at most, the newest
     * @param progress told how much of them was read, from 0 to 1
     */
    static void read(
            KafkaConfig config,
            List<TopicPartition> partitions,
            long last,
            Consumer<ConsumerRecord<String, byte[]>> each,
            DoubleConsumer progress)
            throws IOException {
        boolean large = partitions.stream().anyMatch(p -> p.topic().equals(TopicCatalogue.DEAD_LETTERS.name()));
        try (KafkaConsumer<String, byte[]> consumer = consumer(config, large ? FEW : MANY)) {
            Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions, PATIENCE);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions, PATIENCE);
            Map<TopicPartition, Long> start = new HashMap<>();
            begin.forEach((partition, first) -> start.put(
                    partition,
                    Math.max(first, end.getOrDefault(partition, first) - Math.min(last, Long.MAX_VALUE / 2))));
            consumer.assign(partitions);
            start.forEach(consumer::seek);
            long all = Math.max(1, sum(end) - sum(start));
            // By position: the last offsets of a partition may be control records, which no poll returns.
            long left = left(consumer, end);
            while (left > 0) {
                consumer.poll(POLL).forEach(each);
                left = left(consumer, end);
                progress.accept(1 - (double) left / all);
            }
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    /** Of each partition the records at these offsets, and nothing that is far from them. Where there is no record, none. */
    static void readAt(
            KafkaConfig config,
            Map<TopicPartition, SortedSet<Long>> offsets,
            Consumer<ConsumerRecord<String, byte[]>> each)
            throws IOException {
        try (KafkaConsumer<String, byte[]> consumer = consumer(config, FEW)) {
            for (Map.Entry<TopicPartition, SortedSet<Long>> wanted : offsets.entrySet()) {
                readAt(consumer, wanted.getKey(), new TreeSet<>(wanted.getValue()), each);
            }
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    private static void readAt(
            KafkaConsumer<String, byte[]> consumer,
            TopicPartition partition,
            SortedSet<Long> left,
            Consumer<ConsumerRecord<String, byte[]>> each) {
        List<TopicPartition> alone = List.of(partition);
        long begin = consumer.beginningOffsets(alone, PATIENCE).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(alone, PATIENCE).getOrDefault(partition, 0L);
        left.headSet(begin).clear();
        left.tailSet(end).clear();
        consumer.assign(alone);
        long position = -1;
        while (!left.isEmpty()) {
            if (left.first() > position) { // Not one after the other.
                consumer.seek(partition, left.first());
            }
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                if (left.remove(record.offset())) {
                    each.accept(record);
                }
            }
            position = consumer.position(partition, PATIENCE);
            left.headSet(position).clear(); // The ends of transactions, and what compaction took.
        }
    }

    /** Partitions that are done are paused, so that records written meanwhile do not keep the reading going. */
    private static long left(KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> end) {
        long left = 0;
        List<TopicPartition> done = new ArrayList<>();
        for (Map.Entry<TopicPartition, Long> partition : end.entrySet()) {
            long rest = partition.getValue() - consumer.position(partition.getKey(), PATIENCE);
            left += Math.max(0, rest);
            if (rest <= 0) {
                done.add(partition.getKey());
            }
        }
        consumer.pause(done);
        return left;
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    /** All of the topic. */
    static List<TopicPartition> allPartitions(KafkaConfig config, Topic<?> topic) throws IOException {
        return IntStream.range(0, partitions(config, topic))
                .mapToObj(number -> new TopicPartition(topic.name(), number))
                .toList();
    }

    /** Reads a topic of one partition from its beginning, and on, until {@code done}, which is asked after every poll. */
    static void follow(
            KafkaConfig config,
            Topic<?> topic,
            Duration poll,
            Consumer<ConsumerRecord<String, byte[]>> each,
            BooleanSupplier done)
            throws IOException {
        TopicPartition source = new TopicPartition(topic.name(), 0);
        try (KafkaConsumer<String, byte[]> consumer = consumer(config, MANY)) {
            consumer.assign(List.of(source));
            consumer.seekToBeginning(List.of(source));
            do {
                consumer.poll(poll).forEach(each);
            } while (!done.getAsBoolean());
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    private static KafkaConsumer<String, byte[]> consumer(KafkaConfig config, int records) {
        Properties properties = config.consumerProperties("precast-cli");
        // Small: the commands run with little memory. A larger record still comes, alone.
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, records);
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
        return new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
    }
}
