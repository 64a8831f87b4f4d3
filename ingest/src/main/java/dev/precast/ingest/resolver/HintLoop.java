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
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
    private static final Duration RECALL = Duration.ofSeconds(5);
    /** Between two tries to keep a dead letter. */
    private static final int AGAIN_SECONDS = 5;
    /** What is being written when a partition goes; less than the group waits for us. */
    private static final Duration WRITTEN = Duration.ofSeconds(5);

    private static final long COMMIT_NANOS = Duration.ofMillis(250).toNanos();
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final Consumer<String, byte[]> consumer;
    private final TagQueue queue;
    private final HintDispatch dispatch;
    private final ImageTableReader table;
    private final IntFunction<ResolverState> state;
    private final LetterBox letters;
    private final Clock clock;
    private final int pendingMax;
    private final Map<TopicPartition, OffsetTracker> trackers = new HashMap<>();
    private final Commits commits = new Commits();
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
        this.letters = new LetterBox(
                writer::write,
                CompletableFuture.delayedExecutor(0, TimeUnit.SECONDS),
                CompletableFuture.delayedExecutor(AGAIN_SECONDS, TimeUnit.SECONDS),
                () -> stopping);
        this.clock = clock;
        this.pendingMax = pendingMax;
    }

    @Override
    public void run() {
        try (consumer) {
            consumer.subscribe(List.of(TopicCatalogue.HINTS.name()), this);
            turnUntilStopped();
            commitNow(trackers.keySet()); // Before the consumer is closed, which gives the partitions back.
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

    private void turnUntilStopped() {
        try {
            while (!stopping) {
                turn();
            }
        } catch (WakeupException e) {
            if (!stopping) {
                throw e;
            }
        }
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
            refuse(record, String.valueOf(e.getMessage()), tracker);
            return;
        }
        if (!dispatch.take(hint, record.partition(), offset, () -> tracker.finish(offset))) {
            refuse(record, "It names no repository and tag of the distribution grammar.", tracker);
        }
    }

    /** Finished once it is among the dead letters, not before: it would be nowhere. */
    private void refuse(ConsumerRecord<String, byte[]> record, String message, OffsetTracker tracker) {
        String at = record.topic() + "-" + record.partition() + "@" + record.offset();
        LOG.warn("Put the record {} among the dead letters: {}", at, message);
        letters.put(
                DeadLetter.of(
                        TopicCatalogue.HINTS.name(), "MALFORMED_HINT", message, record.value(), clock.instant(), at),
                () -> tracker.finish(record.offset()));
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

    private void commitLater() {
        lastCommit = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> offsets = commits.due(trackers, this::metadata);
        if (!offsets.isEmpty()) {
            consumer.commitAsync(offsets, (done, failure) -> {
                if (failure == null) {
                    commits.done(done);
                }
            });
        }
    }

    private Optional<String> metadata(TopicPartition partition) {
        return table.isLoaded(partition.partition())
                ? Optional.of(state.apply(partition.partition()).toMetadata())
                : Optional.empty();
    }

    private void commitNow(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetTracker> leaving = new HashMap<>(trackers);
        leaving.keySet().retainAll(partitions);
        Map<TopicPartition, OffsetAndMetadata> offsets = commits.due(leaving, this::metadata);
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
        recall(partitions);
        table.assigned(numbers(partitions));
        assigned = consumer.assignment().size();
        LOG.info("Resolving {} partitions of {}", assigned, TopicCatalogue.HINTS.name());
    }

    /** Before anything of them is taken, and before our own state is committed over it. */
    private void recall(Collection<TopicPartition> partitions) {
        try {
            consumer.committed(Set.copyOf(partitions), RECALL)
                    .forEach(
                            (partition, offset) -> ResolverState.fromMetadata(offset == null ? null : offset.metadata())
                                    .ifPresent(before -> dispatch.assigned(partition.partition(), before)));
        } catch (KafkaException e) {
            LOG.info("Could not read how far the sweeps were that were asked for; they begin anew: {}", e.toString());
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        Set<Integer> numbers = numbers(partitions);
        queue.drop(numbers::contains);
        try {
            // What we write once the next process has read the table would be older than what that writes, and look
            // newer.
            if (!queue.awaitWritten(numbers::contains, WRITTEN)) {
                LOG.warn("Leaving {} partitions with records that are not acknowledged", partitions.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        partitions.forEach(trackers::remove);
        commits.forget(partitions);
        assigned = Math.max(0, assigned - partitions.size());
    }

    private static Set<Integer> numbers(Collection<TopicPartition> partitions) {
        return partitions.stream().map(TopicPartition::partition).collect(Collectors.toUnmodifiableSet());
    }
}
