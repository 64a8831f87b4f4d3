package dev.precast.serving.view;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
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
    private static final List<Topic<?>> TOPICS = List.of(TopicCatalogue.SETTINGS, TopicCatalogue.VARIANTS);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration CHECK_EVERY = Duration.ofSeconds(5);
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_POLL_RECORDS = 2_000;
    private static final int LOGGED_SKIPS = 20;

    /** A topic was made again, or has other partitions than before. */
    static final class TopicChangedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TopicChangedException(String message) {
            super(message, null, false, false);
        }
    }

    private record Topics(Map<String, String> ids, List<TopicPartition> partitions) {}

    private final ManifestView view;
    private final ViewReader reader;
    private final ServingMetrics metrics;
    private final Clock clock;
    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;
    private int skips;

    ViewSession(KafkaConfig kafka, ManifestView view, ViewReader reader, ServingMetrics metrics, Clock clock) {
        this.view = view;
        this.reader = reader;
        this.metrics = metrics;
        this.clock = clock;
        Properties properties = kafka.consumerProperties("precast-serving-view");
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, MAX_POLL_RECORDS);
        properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CHECK_TIMEOUT.toMillis());
        properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) CHECK_TIMEOUT.toMillis());
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        Properties adminProperties = kafka.clientProperties("precast-serving-view-admin");
        adminProperties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) CHECK_TIMEOUT.toMillis());
        adminProperties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) CHECK_TIMEOUT.toMillis());
        admin = Admin.create(adminProperties);
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Fills the view and keeps it full until the reader is closed.
     *
     * @param rebuild whether to start from nothing, whatever the view's position says
     */
    void run(boolean rebuild) throws RocksDBException, IOException {
        view.ensureOpen();
        Topics topics = describe();
        Optional<String> outdated = rebuild ? Optional.of("it is damaged or lost its place") : outdated(topics);
        RocksView target = view.current();
        if (outdated.isPresent()) {
            LOG.warn("The view is built anew from the topics: {}.", outdated.get());
            metrics.rebuild();
            target = view.fresh();
        }
        boolean inForce = false;
        try {
            follow(target, topics);
            inForce = view.current() == target;
        } finally {
            if (!inForce && view.current() != target) {
                view.discard(target);
            }
        }
    }

    /** Ends {@link #run} from another thread. */
    void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
        admin.close(Duration.ofSeconds(1));
    }

    private void follow(RocksView target, Topics topics) throws RocksDBException, IOException {
        target.rememberTopics(topics.ids());
        if (target.checkpoint().isEmpty()) {
            target.rememberCheckpoint(clock.instant()); // Of an empty view: every tombstone since can still be read.
        }
        seek(target, topics.partitions());
        Map<TopicPartition, Long> goal = consumer.endOffsets(topics.partitions());
        Instant goalSeen = clock.instant();
        boolean caughtUp = false;
        Instant nextCheck = goalSeen.plus(CHECK_EVERY);
        while (!reader.closed()) {
            if (!caughtUp && reached(goal)) {
                caughtUp = true;
                catchUp(target, goalSeen);
            } else if (!caughtUp) {
                reader.doing("catching up, " + remaining(goal) + " records to go");
            }
            apply(target, consumer.poll(POLL));
            if (view.damaged() && view.current() == target) {
                throw new DamagedViewException("A request found a value that is not what was written.");
            }
            if (caughtUp && !clock.instant().isBefore(nextCheck)) {
                check(target, topics);
                nextCheck = clock.instant().plus(CHECK_EVERY);
            }
        }
    }

    private void catchUp(RocksView target, Instant goalSeen) throws RocksDBException, IOException {
        target.rememberCheckpoint(goalSeen);
        if (view.current() != target) {
            view.replace(target);
        }
        reader.caughtUp(goalSeen, "caught up");
        LOG.info("The view has caught up.");
    }

    /** Compares with the cluster: how far the topics reach, and whether they are still the same ones. */
    private void check(RocksView target, Topics topics) throws RocksDBException {
        try {
            Instant asked = clock.instant();
            if (reached(consumer.endOffsets(topics.partitions(), CHECK_TIMEOUT))) {
                target.rememberCheckpoint(asked);
                reader.caughtUp(asked, "caught up");
            }
            if (!describe().equals(topics)) {
                throw new TopicChangedException(
                        "A topic of the view was made again or changed its partitions; comparing it with the view.");
            }
        } catch (RetriableException e) {
            reader.doing("serving what it has; Kafka does not answer");
            LOG.warn("Kafka does not answer; serving what the view has: {}", e.getMessage());
        }
    }

    private void apply(RocksView target, ConsumerRecords<byte[], byte[]> records) throws RocksDBException {
        if (records.isEmpty() && records.nextOffsets().isEmpty()) {
            return;
        }
        List<ViewChange> changes = new ArrayList<>(records.count());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            ViewChange change = ViewRecords.read(record);
            if (change instanceof ViewChange.Skip skip) {
                skipped(record, skip);
            }
            changes.add(change);
        }
        Map<TopicPartition, Long> next = new LinkedHashMap<>();
        records.nextOffsets().forEach((partition, offset) -> next.put(partition, offset.offset()));
        RocksView.Outcome outcome = target.apply(changes, next);
        metrics.applied(outcome.applied());
        metrics.outdated(outcome.outdated());
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

    /** Why the view cannot simply go on from its position; empty when it can. */
    private Optional<String> outdated(Topics topics) {
        RocksView present = view.current();
        for (Map.Entry<String, String> topic : topics.ids().entrySet()) {
            Optional<String> known = present.topicId(topic.getKey());
            if (known.isPresent() && !known.get().equals(topic.getValue())) {
                return Optional.of("the topic " + topic.getKey() + " is another one than it was filled from");
            }
        }
        // Beyond it tombstones may be gone that the view has not seen: what was deleted would come back.
        Duration retention = Duration.ofMillis(Long.parseLong(
                Objects.requireNonNull(TopicCatalogue.VARIANTS.config().get("delete.retention.ms"))));
        Optional<Instant> checkpoint = present.checkpoint();
        if (checkpoint.isPresent() && checkpoint.get().plus(retention).isBefore(clock.instant())) {
            return Optional.of("it is older than the tombstones of the topic (" + checkpoint.get() + ")");
        }
        return Optional.empty();
    }

    private void seek(RocksView target, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
        for (TopicPartition partition : partitions) {
            OptionalLong next = target.offset(partition);
            consumer.seek(partition, next.orElseGet(() -> beginnings.getOrDefault(partition, 0L)));
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

    private Topics describe() {
        List<String> names = TOPICS.stream().map(Topic::name).toList();
        try {
            Map<String, TopicDescription> found =
                    admin.describeTopics(names).allTopicNames().get();
            Map<String, String> ids = new LinkedHashMap<>();
            List<TopicPartition> partitions = new ArrayList<>();
            for (String name : names) {
                TopicDescription topic = Objects.requireNonNull(found.get(name));
                ids.put(name, topic.topicId().toString());
                IntStream.range(0, topic.partitions().size())
                        .forEach(partition -> partitions.add(new TopicPartition(name, partition)));
            }
            return new Topics(ids, partitions);
        } catch (ExecutionException e) {
            @Nullable Throwable cause = e.getCause();
            throw cause instanceof KafkaException kafka ? kafka : new KafkaException(cause);
        } catch (InterruptedException e) {
            throw new org.apache.kafka.common.errors.InterruptException(e);
        }
    }
}
