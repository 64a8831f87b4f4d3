package dev.precast.serving.view;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to Kafka: from the view's own position to the end of the topics, and on from there. Without a consumer group:
 * every serving node reads everything, and the position belongs to the view.
 */
final class ViewSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewSession.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** For how long a log may seem shorter than what was read of it: a broker that starts again takes a moment. */
    private static final Duration SETTLING = Duration.ofSeconds(10);

    private static final int MAX_POLL_RECORDS = 500;
    private static final int FETCH_BYTES = 16 << 20;
    private static final int PARTITION_FETCH_BYTES = 4 << 20;
    /** Records after which it is worth giving memory back. */
    private static final int MUCH = 10_000;

    private static final int PARALLEL_FROM = 100;
    private static final int LOGGED_SKIPS = 20;

    /** The view cannot go on from its position, and may hold what was deleted since. */
    static final class LostPlaceException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LostPlaceException(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * How far the topics reached at a moment: once the view has read so far, it holds everything as of then.
     *
     * @param ends next offsets, by partition
     */
    private record Mark(Instant asked, long askedNanos, Map<TopicPartition, Long> ends) {}

    private final ManifestView view;
    private final ViewReader reader;
    private final ServingMetrics metrics;
    private final Clock clock;
    private final LongSupplier nanoTime;
    private final ViewTopics topics;
    private final Consumer<byte[], byte[]> consumer;
    private Optional<Duration> saidRetention = Optional.empty();
    private Duration retention = Duration.ZERO;
    private @Nullable Predecessor predecessor;
    /** Asked for and not reached yet; absent when there is none. */
    private @Nullable Mark ahead;

    private boolean caughtUp;
    private long nextCheck;
    private long nextLook;
    private int skips;
    private long filled;

    ViewSession(KafkaConfig kafka, ManifestView view, ViewReader reader, ServingMetrics metrics, ViewReader.Time time) {
        this.view = view;
        this.reader = reader;
        this.metrics = metrics;
        this.clock = time.clock();
        this.nanoTime = time.nanoTime();
        Properties properties = kafka.consumerProperties("precast-serving-view");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) TIMEOUT.toMillis());
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        topics = new ViewTopics(kafka, TIMEOUT, view.shard());
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Fills the view and keeps it full until the reader is closed.
     *
     * @param rebuild whether to start from nothing, whatever the view's position says
     */
    void run(boolean rebuild) throws RocksDBException, IOException {
        ViewTopics.Found found = topics.describe();
        saidRetention = topics.tombstoneRetention();
        view.splitInto(found.variantPartitions());
        Optional<String> lost = lostPlace(found);
        if (lost.isPresent()) {
            LOG.warn("The view is built anew from the topics, and not served until then: {}.", lost.get());
            view.distrust();
        } else if (rebuild) {
            LOG.warn("The view is built anew from the topics.");
        }
        if (lost.isEmpty() && !rebuild) {
            follow(view.current(), found);
            return;
        }
        metrics.rebuild();
        RocksView fresh = view.fresh();
        if (!view.ready()) {
            view.distrust();
            view.replace(fresh); // What is not served need not be kept, and its room may be needed.
            follow(fresh, found);
            return;
        }
        predecessor = new Predecessor(view.current(), found.partitions());
        try {
            follow(fresh, found);
        } finally {
            if (view.current() != fresh) {
                view.discard(fresh);
            }
        }
    }

    /** Ends {@link #run} from another thread. */
    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        topics.close();
    }

    private void follow(RocksView target, ViewTopics.Found found) throws RocksDBException, IOException {
        target.rememberTopics(found.ids());
        if (saidRetention.isPresent()) {
            target.rememberRetention(saidRetention.get());
        }
        if (target.position().checkpoint().isEmpty()) {
            target.rememberCheckpoint(
                    clock.instant(), false); // Of an empty view: every tombstone since can still be read.
        }
        Instant goalSeen = clock.instant();
        long goalSeenNanos = nanoTime.getAsLong();
        Map<TopicPartition, Long> goal = seek(target, found.partitions());
        nextCheck = nanoTime.getAsLong() + CHECK_EVERY.toNanos();
        nextLook = nanoTime.getAsLong();
        while (!reader.closed()) {
            reader.beat();
            if (!mayWrite()) {
                continue;
            }
            if (!caughtUp && reached(goal)) {
                catchUp(target, goalSeen, goalSeenNanos);
            } else if (!caughtUp) {
                reader.doing("catching up, " + remaining(goal) + " records to go");
            }
            apply(target, consumer.poll(POLL));
            if (view.damaged() && view.current() == target) {
                throw new DamagedViewException("A request found a value that is not what was written.");
            }
            if (caughtUp) {
                keepUp(target, found);
            }
        }
    }

    /** Waits a while when it answers no. */
    private boolean mayWrite() {
        if (nanoTime.getAsLong() - nextLook < 0) {
            return true;
        }
        nextLook = nanoTime.getAsLong() + LOOK_EVERY.toNanos();
        return reader.diskHasRoom();
    }

    private void catchUp(RocksView target, Instant goalSeen, long goalSeenNanos) throws RocksDBException, IOException {
        caughtUp = true;
        target.rememberCheckpoint(goalSeen, true);
        target.settle();
        if (view.current() != target) {
            view.replace(target);
        }
        if (filled > MUCH) {
            // Filling takes several times the memory that serving does, and Java gives it back only when it collects.
            Runtime.getRuntime().gc();
        }
        view.markFull(goalSeenNanos);
        reader.doing("caught up");
        LOG.info("The view has caught up.");
    }

    /**
     * Sees now and then how far the topics reach. While records keep coming the view is never there at the moment of asking, but
     * soon after: so what was asked is remembered until it is reached.
     */
    private void keepUp(RocksView target, ViewTopics.Found found) throws RocksDBException {
        try {
            if (ahead != null && reached(ahead.ends())) {
                full(target, ahead);
            }
            if (nanoTime.getAsLong() - nextCheck >= 0) {
                check(target, found);
            }
        } catch (RetriableException e) {
            reader.doing("serving what it has; Kafka does not answer");
            LOG.warn("Kafka does not answer; serving what the view has: {}", e.getMessage());
        }
    }

    /** Compares with the cluster: how far the topics reach, and whether they are still the same ones. */
    private void check(RocksView target, ViewTopics.Found found) throws RocksDBException {
        try {
            Instant asked = clock.instant();
            long askedNanos = nanoTime.getAsLong();
            Mark latest = new Mark(asked, askedNanos, consumer.endOffsets(found.partitions(), TIMEOUT));
            if (!topics.describe().equals(found)) {
                throw new LostPlaceException("a topic of the view was made again or changed its partitions");
            }
            if (tooLongAgo(target)) {
                throw new LostPlaceException("Kafka was away for longer than tombstones are kept");
            }
            if (reached(latest.ends())) {
                full(target, latest); // Also when an earlier one can never be reached, since the log was cut.
            } else if (ahead == null) {
                ahead = latest; // An earlier one is reached sooner.
            }
        } finally {
            nextCheck = nanoTime.getAsLong() + CHECK_EVERY.toNanos();
        }
    }

    private void full(RocksView target, Mark mark) throws RocksDBException {
        ahead = null;
        target.rememberCheckpoint(mark.asked(), true);
        view.markFull(mark.askedNanos());
        reader.doing("caught up");
    }

    private void apply(RocksView target, ConsumerRecords<byte[], byte[]> records) throws RocksDBException {
        Map<TopicPartition, OffsetAndMetadata> next = records.nextOffsets();
        if (records.isEmpty() && next.isEmpty()) {
            return;
        }
        List<ConsumerRecord<byte[], byte[]>> batch = new java.util.ArrayList<>(records.count());
        records.forEach(batch::add);
        IntStream each = IntStream.range(0, batch.size());
        List<ViewChange> changes = (batch.size() < PARALLEL_FROM ? each : each.parallel())
                .mapToObj(i -> ViewRecords.read(batch.get(i)))
                .toList();
        for (int i = 0; i < changes.size(); i++) {
            if (changes.get(i) instanceof ViewChange.Skip skip) {
                skipped(batch.get(i), skip);
            }
        }
        RocksView.Outcome outcome = target.apply(changes, next);
        filled += outcome.applied();
        metrics.applied(outcome.applied());
        metrics.outdated(outcome.outdated());
        if (view.current() == target) {
            tell(changes);
        } else if (predecessor != null) {
            tell(predecessor.apply(batch, changes, next));
        }
    }

    private void tell(Collection<ViewChange> changes) {
        Set<String> keys = new LinkedHashSet<>();
        boolean settings = false;
        for (ViewChange change : changes) {
            String key = change.variantKey();
            if (key != null) {
                keys.add(key);
            }
            settings |= change instanceof ViewChange.PutSettings || change instanceof ViewChange.DeleteSettings;
        }
        if (settings) {
            view.everythingChanged();
        } else if (!keys.isEmpty()) {
            view.changed(keys);
        }
    }

    private void skipped(ConsumerRecord<byte[], byte[]> record, ViewChange.Skip skip) {
        metrics.skipped();
        if (++skips <= LOGGED_SKIPS) {
            LOG.warn(
                    "Cannot use the record {}-{}@{}: {} It is passed over.{}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    skip.message(),
                    skips == LOGGED_SKIPS ? " Further ones are only counted." : "");
        }
    }

    /** Why the view cannot go on from its position; empty when it can, as far as the topics' descriptions tell. */
    private Optional<String> lostPlace(ViewTopics.Found found) {
        try {
            RocksView present = view.current();
            retention = saidRetention.orElseGet(() -> ViewTopics.known(present.position()));
            return lostPlace(present, found);
        } catch (DamagedViewException e) {
            return Optional.of("its position is not what was written");
        }
    }

    private Optional<String> lostPlace(RocksView present, ViewTopics.Found found) {
        for (Map.Entry<String, String> topic : found.ids().entrySet()) {
            if (topic.getKey().equals(ViewTopics.SHARE)) {
                continue;
            }
            Optional<String> known = present.position().topicId(topic.getKey());
            if (known.isPresent() && !known.get().equals(topic.getValue())) {
                return Optional.of("the topic " + topic.getKey() + " is another one than it was filled from");
            }
        }
        Optional<String> held = present.position().topicId(ViewTopics.SHARE);
        boolean filled = present.position().checkpoint().isPresent();
        if (filled && !held.equals(Optional.ofNullable(found.ids().get(ViewTopics.SHARE)))) {
            return Optional.of("it holds another part of the repositories than " + ViewConfig.SHARD + " asks for");
        }
        return tooLongAgo(present)
                ? Optional.of("it last held everything longer ago than tombstones are kept, "
                        + present.position().checkpoint().orElseThrow())
                : Optional.empty();
    }

    /** Then tombstones may be gone that the view has not seen: what was deleted would come back. */
    private boolean tooLongAgo(RocksView present) {
        return present.position()
                .checkpoint()
                .filter(at -> at.plus(retention).isBefore(clock.instant()))
                .isPresent();
    }

    /** Goes to the view's position, which has to be within the log; answers where the log ends. */
    private Map<TopicPartition, Long> seek(RocksView target, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Long> ends = ends(target, partitions);
        for (TopicPartition partition : partitions) {
            Optional<OffsetAndMetadata> next = target.position().next(partition);
            long beginning = beginnings.getOrDefault(partition, 0L);
            if (next.isEmpty()) {
                consumer.seek(partition, beginning);
                continue;
            }
            long offset = next.get().offset();
            long end = ends.getOrDefault(partition, 0L);
            if (offset < beginning || offset > end) {
                throw new LostPlaceException("its position in " + partition + " is " + offset
                        + ", but the log holds only " + beginning + " to " + end);
            }
            consumer.seek(
                    partition,
                    next.get()); // With the leader epoch: the consumer notices a log that was cut and grew anew.
        }
        return ends;
    }

    private Map<TopicPartition, Long> ends(RocksView target, List<TopicPartition> partitions) {
        long deadline = nanoTime.getAsLong() + SETTLING.toNanos();
        while (true) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            boolean within = partitions.stream()
                    .allMatch(partition -> target.position()
                            .next(partition)
                            .map(next -> next.offset() <= ends.getOrDefault(partition, 0L))
                            .orElse(true));
            if (within || nanoTime.getAsLong() - deadline >= 0 || reader.pause(POLL)) {
                return ends;
            }
            reader.beat();
        }
    }

    private boolean reached(Map<TopicPartition, Long> goal) {
        return goal.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private long remaining(Map<TopicPartition, Long> goal) {
        return goal.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }
}
