package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that talks to the consumer: takes hints, hands them to the {@link TagQueue}, commits what is finished, and pauses
 * partitions with too much unfinished.
 */
final class HintLoop implements Runnable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(HintLoop.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long COMMIT_NANOS = Duration.ofMillis(250).toNanos();

    private final Consumer<String, byte[]> consumer;
    private final TagQueue queue;
    private final ImageWriter writer;
    private final Clock clock;
    private final int pendingMax;
    private final Map<TopicPartition, OffsetTracker> trackers = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private long lastCommit = System.nanoTime();
    private volatile boolean stopping;
    private volatile long lastPoll = System.nanoTime();
    private volatile int assigned;

    HintLoop(Consumer<String, byte[]> consumer, TagQueue queue, ImageWriter writer, Clock clock, int pendingMax) {
        this.consumer = consumer;
        this.queue = queue;
        this.writer = writer;
        this.clock = clock;
        this.pendingMax = pendingMax;
    }

    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(TopicCatalogue.HINTS.name()), this);
            while (!stopping) {
                turn();
            }
            commitNow(trackers.keySet());
        } catch (WakeupException e) {
            if (!stopping) {
                throw e;
            }
            commitNow(trackers.keySet());
        }
    }

    /** Asks the loop to end; from any thread. */
    void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** How long ago the loop last came by; from any thread. */
    Duration sinceLastPoll() {
        return Duration.ofNanos(System.nanoTime() - lastPoll);
    }

    /** Partitions that this process resolves now; from any thread. */
    int assigned() {
        return assigned;
    }

    private void turn() {
        lastPoll = System.nanoTime();
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            OffsetTracker tracker = trackers.computeIfAbsent(partition, p -> new OffsetTracker());
            tracker.begin(record.offset());
            take(record, tracker);
        }
        balance();
        if (System.nanoTime() - lastCommit >= COMMIT_NANOS) {
            commitLater();
        }
    }

    private void take(ConsumerRecord<String, byte[]> record, OffsetTracker tracker) {
        long offset = record.offset();
        Hint hint;
        try {
            hint = RecordJson.read(record.value(), Hint.class);
        } catch (IOException | RuntimeException e) {
            refuse(record, String.valueOf(e.getMessage()));
            tracker.finish(offset);
            return;
        }
        String tag = hint.tag();
        if (tag == null) {
            tracker.finish(offset); // Names no tag that could be read.
        } else if (Reference.isRepository(hint.repository()) && Reference.isTag(tag)) {
            Reference reference = new Reference(hint.repository(), tag);
            queue.offer(reference, new TagQueue.Ticket(record.partition(), hint, () -> tracker.finish(offset)));
        } else {
            refuse(record, "It names no repository and tag of the distribution grammar.");
            tracker.finish(offset);
        }
    }

    private void refuse(ConsumerRecord<String, byte[]> record, String message) {
        String at = record.topic() + "-" + record.partition() + "@" + record.offset();
        LOG.warn("Put the record {} among the dead letters: {}", at, message);
        try {
            writer.write(DeadLetter.of(
                    TopicCatalogue.HINTS.name(), "MALFORMED_HINT", message, record.value(), clock.instant(), at));
        } catch (ImageWriter.NotWrittenException e) {
            LOG.warn("Cannot keep the record {} as a dead letter: {}", at, e.getMessage());
        }
    }

    private void balance() {
        Set<TopicPartition> paused = consumer.paused();
        trackers.forEach((partition, tracker) -> {
            int unfinished = tracker.size();
            if (unfinished >= pendingMax && !paused.contains(partition)) {
                consumer.pause(List.of(partition));
            } else if (unfinished <= pendingMax / 2 && paused.contains(partition)) {
                consumer.resume(List.of(partition));
            }
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetTracker tracker = trackers.get(partition);
            OptionalLong offset = tracker == null ? OptionalLong.empty() : tracker.committable();
            if (offset.isPresent() && committed.getOrDefault(partition, -1L) != offset.getAsLong()) {
                offsets.put(partition, new OffsetAndMetadata(offset.getAsLong()));
            }
        }
        return offsets;
    }

    private void commitLater() {
        lastCommit = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = committable(trackers.keySet());
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (done, failure) -> {
                if (failure == null) {
                    done.forEach((partition, offset) -> committed.put(partition, offset.offset()));
                }
            });
        }
    }

    private void commitNow(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = committable(partitions);
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets, Duration.ofSeconds(2));
        } catch (KafkaException e) {
            LOG.info("Could not commit on leaving; the hints are read again: {}", e.toString());
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        assigned = consumer.assignment().size();
        LOG.info("Resolving {} partitions of {}", assigned, TopicCatalogue.HINTS.name());
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        if (!stopping) {
            commitNow(partitions);
        }
        onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        Set<Integer> numbers =
                partitions.stream().map(TopicPartition::partition).collect(Collectors.toUnmodifiableSet());
        queue.drop(numbers::contains);
        writer.forget(numbers::contains);
        partitions.forEach(partition -> {
            trackers.remove(partition);
            committed.remove(partition);
        });
        assigned = Math.max(0, assigned - partitions.size());
    }
}
