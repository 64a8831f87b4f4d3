package dev.precast.ingest.resolver;

import dev.precast.ingest.known.ImageTableReader;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntFunction;
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
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Consumer<String, byte[]> consumer;
    private final TagQueue queue;
    private final HintDispatch dispatch;
    private final ImageTableReader table;
    private final IntFunction<ResolverState> state;
    private final ImageWriter writer;
    private final Clock clock;
    private final int pendingMax;
    private final Map<TopicPartition, OffsetTracker> trackers = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
    private final Map<TopicPartition, String> states = new HashMap<>();
    private long lastCommit = System.nanoTime();
    private long lastLook = System.nanoTime();
    private volatile long lag;
    private volatile boolean stopping;
    private volatile long lastPoll = System.nanoTime();
    private volatile int assigned;

    /** @param state of a partition, to be committed with its offset */
    HintLoop(
            Consumer<String, byte[]> consumer,
            TagQueue queue,
            HintDispatch dispatch,
            ImageTableReader table,
            IntFunction<ResolverState> state,
            ImageWriter writer,
            Clock clock,
            int pendingMax) {
        this.consumer = consumer;
        this.queue = queue;
        this.dispatch = dispatch;
        this.table = table;
        this.state = state;
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

    /** Hints in the topic that were not taken yet; from any thread. */
    long lag() {
        return lag;
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
        if (System.nanoTime() - lastLook >= LOOK_NANOS) {
            look();
        }
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
        if (!dispatch.take(hint, record.partition(), () -> tracker.finish(offset))) {
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
        for (TopicPartition partition : consumer.assignment()) {
            boolean waits = paused.contains(partition);
            OffsetTracker tracker = trackers.get(partition);
            int unfinished = tracker == null ? 0 : tracker.size();
            boolean mayGoOn = table.isLoaded(partition.partition())
                    && (waits ? unfinished <= pendingMax / 2 : unfinished < pendingMax);
            if (waits && mayGoOn) {
                consumer.resume(List.of(partition));
            } else if (!waits && !mayGoOn) {
                consumer.pause(List.of(partition));
            }
        }
    }

    /** What is worth seeing once a second. */
    private void look() {
        lastLook = System.nanoTime();
        long sum = 0;
        for (TopicPartition partition : consumer.assignment()) {
            sum += consumer.currentLag(partition).orElse(0);
            if (table.isLoaded(partition.partition()) && !trackers.containsKey(partition)) {
                follow(partition);
            }
        }
        lag = sum;
    }

    /** Of a partition without hints the position is committed, so that its state is seen. */
    private void follow(TopicPartition partition) {
        try {
            OffsetTracker tracker = new OffsetTracker();
            tracker.startAt(consumer.position(partition, Duration.ofMillis(50)));
            trackers.put(partition, tracker);
        } catch (KafkaException e) {
            LOG.debug("The position of {} is not known yet: {}", partition, e.toString());
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> committable(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetTracker tracker = trackers.get(partition);
            OptionalLong offset = tracker == null ? OptionalLong.empty() : tracker.committable();
            if (offset.isPresent()) {
                OffsetAndMetadata next = new OffsetAndMetadata(offset.getAsLong(), states.getOrDefault(partition, ""));
                if (!next.equals(committed.get(partition))) {
                    offsets.put(partition, next);
                }
            }
        }
        return offsets;
    }

    private void commitLater() {
        lastCommit = System.nanoTime();
        trackers.keySet().stream()
                .filter(partition -> table.isLoaded(partition.partition()))
                .forEach(partition ->
                        states.put(partition, state.apply(partition.partition()).toMetadata()));
        Map<TopicPartition, OffsetAndMetadata> offsets = committable(trackers.keySet());
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (done, failure) -> {
                if (failure == null) {
                    committed.putAll(done);
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
            try {
                consumer.commitSync(offsets, Duration.ofSeconds(2));
            } catch (WakeupException e) { // Meant for a poll that was over already.
                consumer.commitSync(offsets, Duration.ofSeconds(2));
            }
        } catch (KafkaException e) {
            LOG.info("Could not commit on leaving; the hints are read again: {}", e.toString());
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        consumer.pause(partitions); // Until their part of the image table is read.
        table.assigned(numbers(partitions));
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
        Set<Integer> numbers = numbers(partitions);
        queue.drop(numbers::contains);
        dispatch.revoked(numbers);
        table.revoked(numbers);
        partitions.forEach(partition -> {
            trackers.remove(partition);
            committed.remove(partition);
            states.remove(partition);
        });
        assigned = Math.max(0, assigned - partitions.size());
    }

    private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::partition).collect(Collectors.toUnmodifiableSet());
    }
}
