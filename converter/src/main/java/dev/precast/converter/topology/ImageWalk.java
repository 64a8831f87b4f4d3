package dev.precast.converter.topology;

import dev.precast.converter.topology.DesiredState.Moment;
import dev.precast.converter.topology.WalkState.Counts;
import dev.precast.schemas.record.ImageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
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
 * asks for a commit after its own. So a crash can make the walk say a thing twice, never leave it unsaid. Until a result is
 * remembered in the store, {@link #remembered} answers for it. For the same reason a walk is reported as done only at the step
 * after its last slice. One thread only.
 */
final class ImageWalk {
    /** Between two slices. */
    static final Duration PAUSE = Duration.ofMillis(25);
    /** How long a slice may take, in nanoseconds. A live record waits for one slice of each partition of its thread. */
    private static final long SLICE = Duration.ofMillis(20).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(ImageWalk.class);
    private static final String STATE = "walk";

    /** Decides and publishes. */
    interface Visitor {
        /** @param anew whether the tag is to be built anew although it is as desired */
        Visit visit(String key, @Nullable Built before, ImageRecord image, Desired desired, boolean anew);
    }

    private final int partition;
    private final TimestampedKeyValueStore<String, ImageRecord> images;
    private final KeyValueStore<String, WalkState> states;
    private final KeyValueStore<String, Built> built;
    private final DesiredState desired;
    private final WalkProgress progress;
    private final Visitor visitor;
    private final Map<String, Built> unremembered = new LinkedHashMap<>();
    private @Nullable WalkState reached;
    /** What the partition was found to be brought to; absent while it is not. */
    private @Nullable Moment settled;

    ImageWalk(int partition, Stores stores, DesiredState desired, WalkProgress progress, Visitor visitor) {
        this.partition = partition;
        this.images = stores.images();
        this.states = stores.states();
        this.built = stores.built();
        this.desired = desired;
        this.progress = progress;
        this.visitor = visitor;
    }

    /** What the walk reads and writes. */
    record Stores(
            TimestampedKeyValueStore<String, ImageRecord> images,
            KeyValueStore<String, WalkState> states,
            KeyValueStore<String, Built> built) {}

    /** What was last built for the tag, walked results included. */
    @Nullable
    Built remembered(String key) {
        Built pending = unremembered.get(key);
        return pending != null ? pending : built.get(key);
    }

    /** Drops a walked result that a live record has overtaken. */
    void forget(String key) {
        unremembered.remove(key);
    }

    /** The partition goes to another converter, which reports from now on. */
    void leave() {
        progress.forget(partition);
    }

    /**
     * One slice.
     *
     * @return whether it did anything, and so a commit is wanted before the next step
     */
    @SuppressWarnings("ReferenceEquality") // The same object as long as nothing changes.
    boolean step(Instant now) {
        rememberLastSlice();
        Moment moment = desired.at(now);
        if (moment == settled) {
            return false;
        }
        WalkState state = states.get(STATE);
        boolean known = state != null && state.desired().equals(moment.fingerprint());
        if (state != null && known && state.done()) {
            settled = moment;
            progress.report(partition, moment.position(), state, 0);
            return false;
        }
        settled = null;
        WalkState from = state != null && known
                ? state
                : WalkState.fresh(moment.fingerprint(), state == null ? 0 : state.requested());
        reached = slice(moment, from);
        if (reached.done()) {
            log(reached.countsOrNone());
        } else {
            long left = images.approximateNumEntries() - reached.countsOrNone().walked();
            progress.report(partition, moment.position(), reached, Math.max(1, left));
        }
        return true;
    }

    private WalkState slice(Moment moment, WalkState from) {
        long end = System.nanoTime() + SLICE;
        String last = from.cursor();
        Counts counts = from.countsOrNone();
        try (KeyValueIterator<String, ValueAndTimestamp<ImageRecord>> rest = images.range(last, null)) {
            while (rest.hasNext()) {
                if (System.nanoTime() - end > 0) {
                    return new WalkState(from.desired(), last, false, from.requested(), counts);
                }
                KeyValue<String, ValueAndTimestamp<ImageRecord>> next = rest.next();
                if (next.key.equals(from.cursor())) {
                    continue;
                }
                counts = counts.with(visit(next.key, next.value.value(), moment, from.requested()));
                last = next.key;
            }
        }
        long requested = Math.max(from.requested(), moment.requests().newest());
        return new WalkState(from.desired(), null, true, requested, counts);
    }

    private Visit.Outcome visit(String key, ImageRecord image, Moment moment, long requested) {
        Desired wanted = moment.of(image.repository());
        Visit visit = visitor.visit(key, remembered(key), image, wanted, wanted.forced() > requested);
        if (visit.built() != null) {
            unremembered.put(key, visit.built());
        }
        progress.visited(visit.outcome());
        return visit.outcome();
    }

    private void log(Counts counts) {
        if (counts.rebuilt() > 0) {
            LOG.info("Partition {}: brought {} tags to the desired settings and keys", partition, counts.rebuilt());
        }
        if (counts.waiting() > 0) {
            LOG.warn(
                    "Partition {}: {} tags are not as desired, because this converter lacks a key. They stay as they are"
                            + " until it has it.",
                    partition,
                    counts.waiting());
        }
    }

    private void rememberLastSlice() {
        unremembered.forEach(built::put);
        unremembered.clear();
        if (reached != null) {
            states.put(STATE, reached);
            reached = null;
        }
    }
}
