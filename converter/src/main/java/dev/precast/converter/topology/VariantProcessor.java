package dev.precast.converter.topology;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The rim around {@link BuildPlan}: one image record in, its variants out. The one writer of its partition, so it can never
 * publish an older image over a newer one.
 *
 * <p>Delivery is at least once, so a record may come again after a crash although the stores already know it. It is told by
 * its offset and published again: what was lost in the crash is said then, and what was not changes nothing for readers.
 */
final class VariantProcessor extends ContextualProcessor<String, ImageRecord, String, VariantRecord> {
    private static final String DIGEST_CLOCK = "clock";
    private static final long DIGEST_CLOCK_AHEAD = TimeUnit.SECONDS.toMicros(10);

    private final DesiredState desiredState;
    private final WalkProgress progress;
    private final ConverterMetrics metrics;
    private KeyValueStore<String, Built> built;
    private KeyValueStore<String, Owners> owners;
    private KeyValueStore<String, Long> clock;
    private ImageWalk walk;
    /** 0 until the first is needed. */
    private long lastDigestVersion;
    /** What the store says: nothing above it was published. */
    private long digestBound;

    @SuppressWarnings("NullAway.Init") // Streams calls init before anything else.
    VariantProcessor(DesiredState desiredState, WalkProgress progress, ConverterMetrics metrics) {
        this.desiredState = desiredState;
        this.progress = progress;
        this.metrics = metrics;
    }

    @Override
    public void init(ProcessorContext<String, VariantRecord> context) {
        super.init(context);
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
                this::revisit);
        context.schedule(ImageWalk.PAUSE, PunctuationType.WALL_CLOCK_TIME, now -> {
            if (walk.step(Instant.ofEpochMilli(now))) {
                // Outputs of this step are durable before the next one remembers them: see ImageWalk.
                context.commit();
            }
        });
    }

    @Override
    public void close() {
        walk.leave();
    }

    @Override
    public void process(Record<String, ImageRecord> record) {
        long offset = context().recordMetadata().map(RecordMetadata::offset).orElse(-1L);
        ImageRecord image = record.value();
        Built before = walk.remembered(record.key());
        boolean again = before != null && offset >= 0 && before.sourceOffset() == offset;
        if (image == null) {
            if (before != null && (again || !before.isNothing())) {
                OptionalLong version = VersionHeader.get(record.headers());
                takeBack(record.key(), before, version.orElse(before.version() + 1), offset);
            }
        } else {
            decide(record.key(), before, image, offset, again).ifPresent(plan -> remember(record.key(), plan));
        }
    }

    private Optional<BuildPlan> decide(
            String key, @Nullable Built before, ImageRecord image, long offset, boolean again) {
        if (before != null && image.version() < before.version()) {
            metrics.outcome("stale");
            return Optional.empty();
        }
        Desired desired = desiredState
                .at(Instant.ofEpochMilli(context().currentSystemTimeMs()))
                .of(image.repository());
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
            if (before != null && again) {
                built.put(key, before.doubtful());
            }
            return Optional.empty();
        }
        return Optional.of(publish(key, BuildPlan.build(before, image, desired, offset)));
    }

    /** What the walk does with a tag. */
    private Visit revisit(String key, @Nullable Built before, ImageRecord image, Desired desired, boolean anew) {
        if (before != null && image.version() < before.version()) {
            return Visit.UNCHANGED;
        }
        if (!desired.settings().schemaConversion()) {
            if (before == null || before.isNothing()) {
                return Visit.UNCHANGED;
            }
            return rebuilt(key, BuildPlan.takeBack(before, image.version(), -1));
        }
        Signers signers = desired.signers();
        boolean upToDate = BuildPlan.upToDate(before, image, desired);
        if (upToDate && (!anew || !signers.missing().isEmpty())) {
            boolean met = before != null && desired.isMetBy(BuiltWith.parse(before.builtWith()));
            return met ? Visit.UNCHANGED : Visit.WAITING;
        }
        if (signers.areAbsent()) {
            return Visit.WAITING;
        }
        BuildPlan plan = BuildPlan.build(before, image, desired, -1);
        if (upToDate && plan.saysTheSameAs(before)) {
            return Visit.UNCHANGED;
        }
        Visit visit = rebuilt(key, plan);
        return signers.missing().isEmpty() ? visit : new Visit(Visit.Outcome.WAITING, visit.built());
    }

    private Visit rebuilt(String key, BuildPlan plan) {
        return new Visit(Visit.Outcome.REBUILT, publish(key, plan).built());
    }

    private void takeBack(String key, Built before, long version, long offset) {
        remember(key, publish(key, BuildPlan.takeBack(before, version, offset)));
    }

    private void remember(String key, BuildPlan plan) {
        walk.forget(key);
        built.put(key, plan.built());
    }

    private BuildPlan publish(String key, BuildPlan plan) {
        long digestVersion = digestClock(plan.version());
        String repository = RecordKeys.repository(key);
        for (VariantManifest manifest : plan.manifests()) {
            String digestKey = RecordKeys.digest(repository, manifest.digest());
            forward(digestKey, manifest, digestVersion);
        }
        for (Digest digest : plan.built().allDigests()) {
            String digestKey = RecordKeys.digest(repository, digest);
            Owners now = owners.get(digestKey);
            // Signing anew changes no owner: it need not write one record more for every tag.
            if (now == null || !now.tags().contains(key)) {
                owners.put(digestKey, (now == null ? new Owners(Set.of()) : now).with(key));
            }
        }
        forward(key, plan.offers(), plan.version());
        for (Digest digest : plan.released()) {
            release(key, RecordKeys.digest(repository, digest), digestVersion);
        }
        if (plan.offers() == null) {
            metrics.outcome("taken_back");
        } else {
            metrics.outcome("built");
            metrics.refusals(plan.offers());
        }
        return plan;
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
