package dev.precast.launcher.cluster;

import dev.precast.ingest.webhook.EventLog;
import dev.precast.ingest.webhook.KafkaEventLog;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** What was refused at the door, as it lies in its topic. */
public final class DeadLetters {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final KafkaConfig config;

    public DeadLetters(KafkaConfig config) {
        this.config = config;
    }

    /**
     * One record.
     *
     * @param key of the record: a source, or the key of the record that could not be read; absent when it has none
     * @param writtenAt by Kafka's timestamp
     * @param letter absent when the record itself cannot be read
     */
    public record Stored(
            int partition,
            long offset,
            @Nullable String key,
            Instant writtenAt,
            @Nullable DeadLetter letter) {
        /** {@code PARTITION:OFFSET}, as the commands take it. */
        public String place() {
            return partition + ":" + offset;
        }
    }

    /** The newest of each partition, at most so many of all, in the order in which they were written. */
    public List<Stored> newest(int limit) throws IOException {
        List<Stored> found = new ArrayList<>();
        // Twice: the converter writes in transactions, whose ends take offsets too.
        TopicScan.read(
                config,
                TopicScan.allPartitions(config, TopicCatalogue.DEAD_LETTERS),
                2L * limit,
                found0 -> {
                    found.add(stored(found0));
                },
                share -> {});
        found.sort(Comparator.comparing(Stored::writtenAt)
                .thenComparing(Stored::partition)
                .thenComparing(Stored::offset));
        return found.subList(Math.max(0, found.size() - limit), found.size());
    }

    private static Stored stored(ConsumerRecord<String, byte[]> found) {
        DeadLetter letter;
        try {
            letter = found.value() == null ? null : RecordJson.read(found.value(), DeadLetter.class);
        } catch (IOException e) {
            letter = null;
        }
        return new Stored(
                found.partition(), found.offset(), found.key(), Instant.ofEpochMilli(found.timestamp()), letter);
    }

    /** Returns once the brokers have the hints. */
    public void resubmit(List<Hint> hints) throws IOException {
        try (KafkaEventLog log = KafkaEventLog.open(config, PATIENCE)) {
            log.append(hints, List.of(), PATIENCE);
        } catch (KafkaException | EventLog.NotPersistedException e) {
            throw Cluster.unreachable(config, e);
        }
    }
}
