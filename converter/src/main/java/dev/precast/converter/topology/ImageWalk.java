package dev.precast.converter.topology;

import dev.precast.converter.topology.DesiredState.Moment;
import dev.precast.converter.topology.WalkState.Counts;
import dev.precast.schemas.record.ImageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings every tag of the partition to the desired state after a change of settings or keys, or when that was asked for: one
 * resumable walk over the image table, a slice at a time between live records.
 *
 * <p>A slice's outputs are committed before its results are remembered: {@link #step} remembers those of the slice before, and
 * asks for a commit after its own, which has to be seen before it is called again. So a crash can make the walk say a thing twice,
 * never leave it unsaid. Until a result is remembered in the store, {@link #remembered} answers for it. For the same reason a walk
 * is reported as done only at the step after its last slice. One thread only.
 */
final class ImageWalk {
    /** Between two slices. */
    static final Duration PAUSE = Duration.ofMillis(25);
    /** After which tags are looked at again that could not be brought there for now; then ever more seldom. */
    static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    static final Duration SELDOM = Duration.ofMinutes(1);
    /** How long a slice may take, in nanoseconds. A live record waits for one slice of each partition of its thread. */
    private static final long SLICE = Duration.ofMillis(50).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(ImageWalk.class);
    private static final String STATE = "walk";

    private final int partition;
    private final TimestampedKeyValueStore<String, ImageRecord> images;
    private final KeyValueStore<String, WalkState> states;
    private final KeyValueStore<String, Built> built;
    private final DesiredState desired;
    private final WalkProgress progress;
    private final BiConsumer<String, BuildPlan> publisher;
    private final LongSupplier nanoTime;
    /**
     * What the slice has built, by tag. It is published when the slice ends: what is sent together makes one request to the brokers,
     * of which they take a good part of the processor.
     */
    private final Map<String, BuildPlan> unremembered = new LinkedHashMap<>();

    private @Nullable WalkState reached;
    /** What the partition was found to be brought to; absent while it is not. */
    private @Nullable Moment settled;
    /** When to walk again although nothing has changed; absent while nothing is to be tried again. */
    private @Nullable Instant retryAt;

    private Duration retryAfter = FIRST_RETRY;

    /**
     * @param publisher told at the end of a slice what each of its tags has become
     * @param nanoTime a clock that only goes forward
     */
    ImageWalk(
            int partition,
            Stores stores,
            DesiredState desired,
            WalkProgress progress,
            BiConsumer<String, BuildPlan> publisher,
            LongSupplier nanoTime) {
        this.partition = partition;
        this.images = stores.images();
        this.states = stores.states();
        this.built = stores.built();
        this.desired = desired;
        this.progress = progress;
        this.publisher = publisher;
        this.nanoTime = nanoTime;
    }

    /** What the walk reads and writes. */
    record Stores(
            TimestampedKeyValueStore<String, ImageRecord> images,
            KeyValueStore<String, WalkState> states,
            KeyValueStore<String, Built> built) {}

    /** What was last built for the tag, walked results included. */
    @Nullable
    Built remembered(String key) {
        BuildPlan pending = unremembered.get(key);
        return pending != null ? pending.built() : built.get(key);
    }

    /** Whether nothing was ever walked with these stores. */
    boolean isNew() {
        return states.get(STATE) == null;
    }

    /** Drops a walked result that a live record has overtaken. */
    void forget(String key) {
        unremembered.remove(key);
    }

    /** A live tag could not be signed: all are looked at again in a while, also after a restart. */
    void failed(Instant now) {
        if (reached != null) {
            reached = reached.withOneMoreAgain();
        } else {
            WalkState state = states.get(STATE);
            if (state != null) {
                states.put(STATE, state.withOneMoreAgain());
            }
        }
        retryLater(now);
    }

    /** The partition goes to another converter, which reports from now on. */
    void leave() {
        progress.forget(partition);
    }

    /**
     * One slice.
     *
     * @return whether it did anything, and so there has to be a commit before the next step
     */
    @SuppressWarnings("ReferenceEquality") // The same object as long as nothing changes.
    boolean step(Instant now) {
        rememberLastSlice();
        Moment moment = desired.at(now);
        boolean retry = retryAt != null && !now.isBefore(retryAt);
        if (moment == settled && !retry) {
            return false;
        }
        WalkState state = states.get(STATE);
        boolean known = state != null && state.desired().equals(moment.fingerprint()) && !(retry && state.done());
        if (state != null && known && state.done()) {
            settled = moment;
            if (state.countsOrNone().again() > 0) {
                retryLater(now);
            } else {
                retryAfter = FIRST_RETRY;
            }
            progress.report(partition, moment.position(), state, 0);
            return false;
        }
        settled = null;
        if (retry) {
            retryAt = null;
        }
        WalkState from = state != null && known
                ? state
                : WalkState.fresh(moment.fingerprint(), state == null ? 0 : state.requested());
        reached = slice(moment, from);
        unremembered.forEach(publisher);
        if (reached.done()) {
            log(reached.countsOrNone());
        } else {
            long left = images.approximateNumEntries() - reached.countsOrNone().walked();
            progress.report(partition, moment.position(), reached, Math.max(1, left));
        }
        return true;
    }

    private void retryLater(Instant now) {
        if (retryAt == null) {
            retryAt = now.plus(retryAfter);
            retryAfter = retryAfter.multipliedBy(2);
            if (retryAfter.compareTo(SELDOM) > 0) {
                retryAfter = SELDOM;
            }
        }
    }

    private WalkState slice(Moment moment, WalkState from) {
        long end = nanoTime.getAsLong() + SLICE;
        String last = from.cursor();
        Counts counts = from.countsOrNone();
        try (KeyValueIterator<String, ValueAndTimestamp<ImageRecord>> rest = images.range(last, null)) {
            while (rest.hasNext()) {
                KeyValue<String, ValueAndTimestamp<ImageRecord>> next = rest.next();
                // Absent: what the topic holds there cannot be read.
                if (next.key.equals(from.cursor()) || next.value == null) {
                    continue;
                }
                counts = counts.with(visit(next.key, next.value.value(), moment, from.requested()));
                last = next.key;
                // After a visit, so that every slice gets on, however slow the machine is.
                if (nanoTime.getAsLong() - end > 0) {
                    return new WalkState(from.desired(), last, false, from.requested(), counts);
                }
            }
        }
        long requested = Math.max(from.requested(), moment.requests().newest());
        return new WalkState(from.desired(), null, true, requested, counts);
    }

    private Visit.Outcome visit(String key, ImageRecord image, Moment moment, long requested) {
        Desired wanted = moment.of(image.repository());
        Visit visit = visit(key, image, wanted, wanted.forced() > requested);
        if (visit.plan() != null) {
            unremembered.put(key, visit.plan());
        }
        progress.visited(visit.outcome());
        return visit.outcome();
    }

    private Visit visit(String key, ImageRecord image, Desired wanted, boolean anew) {
        try {
            return Visit.to(remembered(key), image, wanted, anew);
        } catch (UnsignedException e) {
            LOG.debug("Cannot sign {}: {}", key, e.getMessage());
            return Visit.FAILED;
        }
    }

    private void log(Counts counts) {
        if (counts.rebuilt() > 0) {
            LOG.info("Partition {}: brought {} tags to the desired settings and keys", partition, counts.rebuilt());
        }
        if (counts.waiting() > counts.again()) {
            LOG.warn(
                    "Partition {}: {} tags are not as desired, because this converter lacks a key. They stay as they are"
                            + " until it has it.",
                    partition,
                    counts.waiting() - counts.again());
        }
        if (counts.again() > 0) {
            LOG.warn(
                    "Partition {}: {} tags could not be signed, or their newest image is yet to come. They stay as they are,"
                            + " and are looked at again.",
                    partition,
                    counts.again());
        }
    }

    private void rememberLastSlice() {
        unremembered.forEach((key, plan) -> built.put(key, plan.built()));
        unremembered.clear();
        if (reached != null) {
            states.put(STATE, reached);
            reached = null;
        }
    }
}
