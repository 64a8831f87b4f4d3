package dev.precast.launcher.cluster;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * What offsets alone say, without reading a record: quick, however much there is.
 *
 * @param records of each topic, by name: offsets between the first and the last, so an upper bound; topics that do not exist are
 *     left out
 * @param lag by consumer group and topic: offsets not yet committed; groups that never committed are left out
 */
public record SystemCounts(Map<String, Long> records, Map<String, Map<String, Long>> lag) {
    private static final List<String> GROUPS = List.of("precast-resolver", "precast-converter");

    public static SystemCounts read(KafkaConfig config) throws IOException, InterruptedException {
        try (Admin admin = Cluster.admin(config)) {
            Map<TopicPartition, Long> first = new HashMap<>();
            List<TopicPartition> partitions = partitions(admin);
            offsets(admin, partitions, OffsetSpec.earliest())
                    .forEach((partition, info) -> first.put(partition, info.offset()));
            Map<TopicPartition, Long> end = new HashMap<>();
            Map<String, Long> records = new LinkedHashMap<>();
            offsets(admin, partitions, OffsetSpec.latest()).forEach((partition, info) -> {
                end.put(partition, info.offset());
                records.merge(partition.topic(), info.offset() - first.getOrDefault(partition, 0L), Long::sum);
            });
            Map<String, Long> inOrder = new LinkedHashMap<>();
            TopicCatalogue.ALL.forEach(topic -> {
                Long count = records.get(topic.name());
                if (count != null) {
                    inOrder.put(topic.name(), count);
                }
            });
            return new SystemCounts(inOrder, lag(admin, first, end));
        } catch (ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    private static List<TopicPartition> partitions(Admin admin) throws ExecutionException, InterruptedException {
        List<TopicPartition> partitions = new ArrayList<>();
        List<String> existing = new ArrayList<>(admin.listTopics().names().get());
        existing.retainAll(TopicCatalogue.ALL.stream().map(Topic::name).toList());
        for (TopicDescription topic :
                admin.describeTopics(existing).allTopicNames().get().values()) {
            for (TopicPartitionInfo partition : topic.partitions()) {
                partitions.add(new TopicPartition(topic.name(), partition.partition()));
            }
        }
        return partitions;
    }

    private static Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Admin admin, List<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, which));
        return admin.listOffsets(asked).all().get();
    }

    private static Map<String, Map<String, Long>> lag(
            Admin admin, Map<TopicPartition, Long> first, Map<TopicPartition, Long> end)
            throws ExecutionException, InterruptedException {
        Map<String, Map<String, Long>> lag = new LinkedHashMap<>();
        Map<String, ListConsumerGroupOffsetsSpec> asked = new HashMap<>();
        GROUPS.forEach(group -> asked.put(group, new ListConsumerGroupOffsetsSpec()));
        Map<String, Map<TopicPartition, OffsetAndMetadata>> committed =
                admin.listConsumerGroupOffsets(asked).all().get();
        for (String group : GROUPS) {
            Map<String, Long> topics = new TreeMap<>();
            committed.getOrDefault(group, Map.of()).forEach((partition, offset) -> {
                Long last = end.get(partition);
                if (offset != null && last != null) {
                    long from = Math.max(offset.offset(), first.getOrDefault(partition, 0L));
                    topics.merge(partition.topic(), Math.max(0, last - from), Long::sum);
                }
            });
            if (!topics.isEmpty()) {
                lag.put(group, topics);
            }
        }
        return lag;
    }
}
