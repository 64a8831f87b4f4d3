package dev.precast.converter.topology;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.role.Pulse;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.Cancellable;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.Punctuator;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rim around {@link BuildPlan}: one image record in, its variants out. The one writer of its partition, so it can never
 * publish an older image over a newer one.
 *
 * <p>Delivery is at least once, so a record may come again after a crash although the stores already know it. It is told by
 * its offset and published again: what was lost in the crash is said then, and what was not changes nothing for readers.
 */
final class VariantProcessor extends ContextualProcessor<String, ImageRecord, String, VariantRecord> {
    private static final Logger LOG = LoggerFactory.getLogger(VariantProcessor.class);
    private static final String DIGEST_CLOCK = "clock";
    private static final String BEGUN = "begun";
    private static final long DIGEST_CLOCK_AHEAD = TimeUnit.SECONDS.toMicros(10);

    private final DesiredState desiredState;
    private final WalkProgress progress;
    private final ConverterMetrics metrics;
    private final Pulse pulse;
    private KeyValueStore<String, Built> built;
    private KeyValueStore<String, Owners> owners;
    private KeyValueStore<String, Long> clock;
    private ImageWalk walk;
    private @Nullable Cancellable steps;
    private MetricName commitTotal;
    /** Up to when the partition became ours. */
    private int standstills;
    /** 0 until the first is needed. */
    private long lastDigestVersion;
    /** -1 until it is read. */
    private long begun = -1;
    /** What the store says: nothing above it was published. */
    private long digestBound;

    @SuppressWarnings("NullAway.Init") // Streams calls init before anything else.
    VariantProcessor(DesiredState desiredState, WalkProgress progress, ConverterMetrics metrics, Pulse pulse) {
        this.desiredState = desiredState;
        this.progress = progress;
        this.metrics = metrics;
        this.pulse = pulse;
    }

    @Override
    public void init(ProcessorContext<String, VariantRecord> context) {
        super.init(context);
        standstills = pulse.standstills();
        built = context.getStateStore(ConverterTopology.BUILT);
        owners = context.getStateStore(ConverterTopology.OWNERS);
        clock = context.getStateStore(ConverterTopology.CLOCK);
        TimestampedKeyValueStore<String, ImageRecord> images = context.getStateStore(ConverterTopology.IMAGES);
        KeyValueStore<String, WalkState> walkStates = context.getStateStore(ConverterTopology.WALK);
        walk = new ImageWalk(
                context.taskId().partition(),
                new ImageWalk.Stores(images, walkStates, built),
                desiredState,
                progress,
                this::publish,
                System::nanoTime);
        commitTotal = new MetricName(
                "commit-total",
                "stream-thread-metrics",
                "",
                Map.of("thread-id", Thread.currentThread().getName()));
        cancelSteps();
        steps = context.schedule(ImageWalk.PAUSE, PunctuationType.WALL_CLOCK_TIME, new Steps());
    }

    /**
     * Lets the walk do a step once what the step before has said is durable: see {@link ImageWalk}. A commit that was asked for
     * need not have come by then: during a rebalance Streams puts it off, and goes on with all else.
     */
    private final class Steps implements Punctuator {
        private boolean awaiting;
        private double committedBefore;

        @Override
        public void punctuate(long now) {
            requireStillOurs();
            begun();
            double committed = commits();
            // Not equal either when it is not a number: where nothing is committed ever, nothing is waited for.
            if (awaiting && committed == committedBefore) {
                return;
            }
            awaiting = walk.step(Instant.ofEpochMilli(now));
            if (awaiting) {
                committedBefore = committed;
                context().commit();
            }
        }
    }

    /**
     * How often the thread has committed something; not a number in the test driver, which has no threads. It counts a commit when
     * that has succeeded, whichever task wanted it, but every commit takes in all running tasks with something to commit, and a task
     * has that after each step. Those at the end of an assignment are not counted: then the next of every half second is waited for.
     */
    private double commits() {
        Metric metric = context().metrics().metrics().get(commitTotal);
        return metric != null && metric.metricValue() instanceof Double value ? value : Double.NaN;
    }

    /** A task that is taken up again has its processor initialised again, and keeps what was scheduled. */
    private void cancelSteps() {
        if (steps != null) {
            steps.cancel();
            steps = null;
        }
    }

    /** Milliseconds since when the stores tell of everything that is published; 0 when an older release has made them. */
    private long begun() {
        if (begun < 0) {
            Long known = clock.get(BEGUN);
            begun = known != null ? known : walk.isNew() ? context().currentSystemTimeMs() : 0;
            if (known == null) {
                clock.put(BEGUN, begun);
            }
        }
        return begun;
    }

    @Override
    public void close() {
        cancelSteps();
        walk.leave();
    }

    @Override
    public void process(Record<String, ImageRecord> record) {
        requireStillOurs();
        long offset = context().recordMetadata().map(RecordMetadata::offset).orElse(-1L);
        ImageRecord image = record.value();
        Built before = walk.remembered(record.key());
        boolean again = before != null && offset >= 0 && before.sourceOffset() == offset;
        boolean converted =
                desired(RecordKeys.repository(record.key())).settings().schemaConversion();
        // Of a tag of which nothing is known, something may have been published before the stores were wiped.
        boolean doubted = before == null && record.timestamp() < begun();
        if (image == null) {
            OptionalLong version = VersionHeader.get(record.headers());
            if (before == null && (converted || doubted)) {
                takeBackUnknown(record, version.orElse(TimeUnit.MILLISECONDS.toMicros(record.timestamp())), converted);
            } else if (before != null && (again || !before.isNothing())) {
                takeBack(record.key(), before, version.orElse(before.version() + 1), offset);
            }
        } else if (doubted && !converted) {
            metrics.outcome("off");
            takeBackUnknown(record, image.version(), false);
        } else {
            decide(record.key(), before, image, offset, again)
                    .ifPresent(plan -> publishAndRemember(record.key(), plan));
        }
    }

    private Desired desired(String repository) {
        return desiredState.at(now()).of(repository);
    }

    /**
     * Takes the offers back, once. Which manifests there were is not known any more.
     *
     * @param remembered not where conversion is off: there is no end to tags that come and go
     */
    private void takeBackUnknown(Record<String, ImageRecord> record, long version, boolean remembered) {
        long offset = context().recordMetadata().map(RecordMetadata::offset).orElse(-1L);
        Built nothing = Built.nothing(version, offset, Set.of());
        BuildPlan plan = BuildPlan.takeBack(nothing, version, offset);
        publish(record.key(), plan);
        if (remembered) {
            remember(record.key(), plan);
        }
    }

    private Optional<BuildPlan> decide(
            String key, @Nullable Built before, ImageRecord image, long offset, boolean again) {
        if (before != null && image.version() < before.version()) {
            metrics.outcome("stale");
            return Optional.empty();
        }
        Desired desired = desired(image.repository());
        if (!desired.settings().schemaConversion()) {
            metrics.outcome("off");
            if (before != null && (again || !before.isNothing())) {
                takeBack(key, before, image.version(), offset);
            }
            return Optional.empty();
        }
        if (!again && BuildPlan.upToDate(before, image, desired)) {
            metrics.outcome("unchanged");
            return Optional.empty();
        }
        if (desired.signers().areAbsent()) {
            // Never unsigned, and never by a key that should not sign: the walk comes back to it with the key.
            metrics.outcome("waiting");
            leave(key, before, again);
            return Optional.empty();
        }
        BuildPlan plan;
        try {
            plan = BuildPlan.build(before, image, desired, offset);
        } catch (UnsignedException e) {
            LOG.warn("Cannot sign {}: {}. It stays as it is, and is tried again.", key, e.getMessage());
            metrics.outcome("failed");
            leave(key, before, again);
            walk.failed(now());
            return Optional.empty();
        }
        return Optional.of(plan);
    }

    /** What is remembered need not have been published when the record comes again. */
    private void leave(String key, @Nullable Built before, boolean again) {
        if (before != null && again) {
            walk.forget(key);
            built.put(key, before.doubtful());
        }
    }

    private Instant now() {
        return Instant.ofEpochMilli(context().currentSystemTimeMs());
    }

    private void takeBack(String key, Built before, long version, long offset) {
        publishAndRemember(key, BuildPlan.takeBack(before, version, offset));
    }

    private void publishAndRemember(String key, BuildPlan plan) {
        publish(key, plan);
        remember(key, plan);
    }

    private void remember(String key, BuildPlan plan) {
        walk.forget(key);
        built.put(key, plan.built());
    }

    private void publish(String key, BuildPlan plan) {
        long digestVersion = digestClock(plan.version());
        // After the time was taken: what was timed before a standstill looks older than what another has published
        // since.
        requireStillOurs();
        String repository = RecordKeys.repository(key);
        for (VariantManifest manifest : plan.manifests()) {
            String digestKey = RecordKeys.digest(repository, manifest.digest());
            forward(digestKey, manifest, digestVersion);
        }
        for (Digest digest : plan.claimed()) {
            String digestKey = RecordKeys.digest(repository, digest);
            Owners now = owners.get(digestKey);
            if (now == null || !now.tags().contains(key)) {
                owners.put(digestKey, (now == null ? new Owners(Set.of()) : now).with(key));
            }
        }
        if (plan.saysOffers()) {
            forward(key, plan.offers(), plan.version());
        }
        for (Digest digest : plan.released()) {
            release(key, RecordKeys.digest(repository, digest), digestVersion);
        }
        if (plan.offers() == null) {
            metrics.outcome("taken_back");
        } else {
            metrics.outcome("built");
            metrics.refusals(plan.offers());
        }
    }

    /** After a standstill the partition may be another's: the thread ends, and a new one joins the group with what holds now. */
    private void requireStillOurs() {
        if (pulse.standstills() != standstills) {
            throw new StreamsException("This process stood still for more than " + Pulse.STANDSTILL.toSeconds()
                    + " s: others may have its partitions. Nothing is published before it has joined them again.");
        }
    }

    private void release(String key, String digestKey, long version) {
        Owners now = owners.get(digestKey);
        Owners left = now == null ? new Owners(Set.of()) : now.without(key);
        if (left.tags().isEmpty()) {
            owners.delete(digestKey);
            forward(digestKey, null, version);
        } else {
            owners.put(digestKey, left);
        }
    }

    /**
     * Manifests are shared between tags whose versions know nothing of each other, so their records carry the time of
     * publishing in microseconds, which image versions are made of too, and never less than what this partition published
     * before: later records never look older than earlier ones, also after the stores were wiped. What is stored is a bound
     * some seconds ahead, so that not every publishing writes it: the next process starts from there.
     */
    private long digestClock(long version) {
        if (lastDigestVersion == 0) {
            Long bound = clock.get(DIGEST_CLOCK);
            digestBound = bound == null ? 0 : bound;
            lastDigestVersion = digestBound;
        }
        long now = TimeUnit.MILLISECONDS.toMicros(context().currentSystemTimeMs());
        lastDigestVersion = Math.max(Math.max(now, version), lastDigestVersion);
        if (lastDigestVersion > digestBound) {
            digestBound = lastDigestVersion + DIGEST_CLOCK_AHEAD;
            clock.put(DIGEST_CLOCK, digestBound);
        }
        return lastDigestVersion;
    }

    @SuppressWarnings("NullAway") // A null value is a tombstone.
    private void forward(String key, @Nullable VariantRecord value, long version) {
        RecordHeaders headers = new RecordHeaders();
        VersionHeader.put(headers, version);
        context().forward(new Record<>(key, value, Math.max(0, context().currentSystemTimeMs()), headers));
    }
}
