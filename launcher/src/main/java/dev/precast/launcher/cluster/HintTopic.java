package dev.precast.launcher.cluster;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Telling ingest what to do, by hints, and seeing how far it has come, by the offsets that it commits. Both work wherever it runs.
 */
public final class HintTopic implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final KafkaConfig config;
    private final Admin admin;
    private final int partitions;

    /** @throws IOException if nobody answers, or the topic is missing */
    public HintTopic(KafkaConfig config) throws IOException {
        this.config = config;
        this.partitions = TopicScan.partitions(config, TopicCatalogue.HINTS);
        this.admin = Cluster.admin(config);
    }

    /**
     * Writes a command.
     *
     * @param action one of the commands of {@link Hint}
     * @param repositories none: all
     * @return by partition, the offset that is committed once the last of them is done
     */
    public Map<TopicPartition, Long> command(String action, Collection<String> repositories, Clock clock)
            throws IOException, InterruptedException {
        Properties properties = config.producerProperties("precast-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        Map<TopicPartition, Long> ends = new HashMap<>();
        try (KafkaProducer<String, Hint> producer = new KafkaProducer<>(
                properties,
                new StringSerializer(),
                TopicCatalogue.HINTS.valueSerde().serializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String repository : repositories) {
                sent.add(producer.send(
                        record(TopicCatalogue.partition(repository, partitions), action, repository, clock)));
            }
            for (int partition = 0; repositories.isEmpty() && partition < partitions; partition++) {
                sent.add(producer.send(record(partition, action, Hint.EVERY_REPOSITORY, clock)));
            }
            for (Future<RecordMetadata> future : sent) {
                RecordMetadata written = future.get();
                ends.merge(new TopicPartition(written.topic(), written.partition()), written.offset() + 1, Math::max);
            }
            return ends;
        } catch (KafkaException | ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    private static ProducerRecord<String, Hint> record(int partition, String action, String repository, Clock clock) {
        Hint hint = new Hint(
                "precast", action, repository, null, null, UUID.randomUUID().toString(), clock.instant());
        return new ProducerRecord<>(TopicCatalogue.HINTS.name(), partition, repository, hint);
    }

    /** Where the partitions end now. */
    public Map<TopicPartition, Long> ends(Collection<TopicPartition> which) throws IOException, InterruptedException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        which.forEach(partition -> wanted.put(partition, OffsetSpec.latest()));
        try {
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(wanted).all().get().forEach((partition, found) -> ends.put(partition, found.offset()));
            return ends;
        } catch (KafkaException | ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    /** What the resolvers have committed; partitions without anything are missing. */
    public Map<TopicPartition, OffsetAndMetadata> committed() throws IOException, InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(ResolverState.GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (KafkaException | ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
