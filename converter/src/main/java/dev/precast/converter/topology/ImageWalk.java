package dev.precast.converter.topology;

import dev.precast.schemas.record.ImageRecord;
import java.time.Duration;
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
 * Brings every tag of the partition to the desired state after a change of settings or keys: one resumable walk over the image
 * table, a slice at a time between live records.
 *
 * <p>A slice's outputs are committed before its results are remembered: {@link #step} remembers those of the slice before, and
 * asks for a commit after its own. So a crash can make the walk say a thing twice, never leave it unsaid. Until a result is
 * remembered in the store, {@link #remembered} answers for it. One thread only.
 */
final class ImageWalk {
    /** Between two slices. */
    static final Duration PAUSE = Duration.ofMillis(25);
    /** How long a slice may take, in nanoseconds: the longest that a live record waits for the walk. */
    private static final long SLICE = Duration.ofMillis(40).toNanos();

    private static final Logger LOG = LoggerFactory.getLogger(ImageWalk.class);
    private static final String STATE = "walk";

    /** Decides and publishes; answers what to remember of the tag, or null when nothing changed. */
    interface Visitor {
        @Nullable
        Built visit(String key, @Nullable Built before, ImageRecord image);
    }

    private final TimestampedKeyValueStore<String, ImageRecord> images;
    private final KeyValueStore<String, WalkState> states;
    private final KeyValueStore<String, Built> built;
    private final DesiredState desired;
    private final Visitor visitor;
    private final Map<String, Built> unremembered = new LinkedHashMap<>();
    private @Nullable WalkState reached;
    private long generation = -1;
    private boolean idle;
    private long rebuilt;

    ImageWalk(
            TimestampedKeyValueStore<String, ImageRecord> images,
            KeyValueStore<String, WalkState> states,
            KeyValueStore<String, Built> built,
            DesiredState desired,
            Visitor visitor) {
        this.images = images;
        this.states = states;
        this.built = built;
        this.desired = desired;
        this.visitor = visitor;
    }

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

    /**
     * One slice.
     *
     * @return whether it did anything, and so a commit is wanted before the next step
     */
    boolean step(int partition) {
        rememberLastSlice();
        if (generation != desired.generation()) {
            generation = desired.generation();
            idle = false;
        }
        if (idle) {
            return false;
        }
        String wanted = desired.fingerprint();
        WalkState state = states.get(STATE);
        if (state != null && state.done() && state.desired().equals(wanted)) {
            idle = true;
            return false;
        }
        boolean resume = state != null && state.desired().equals(wanted);
        if (!resume) {
            rebuilt = 0;
        }
        reached = slice(wanted, resume && state != null ? state.cursor() : null);
        if (reached.done() && rebuilt > 0) {
            LOG.info("Partition {}: brought {} tags to the desired settings and keys", partition, rebuilt);
        }
        return true;
    }

    private WalkState slice(String wanted, @Nullable String cursor) {
        long end = System.nanoTime() + SLICE;
        String last = cursor;
        try (KeyValueIterator<String, ValueAndTimestamp<ImageRecord>> rest = images.range(last, null)) {
            while (rest.hasNext()) {
                if (System.nanoTime() - end > 0) {
                    return new WalkState(wanted, last, false);
                }
                KeyValue<String, ValueAndTimestamp<ImageRecord>> next = rest.next();
                if (next.key.equals(cursor)) {
                    continue;
                }
                Built result = visitor.visit(next.key, remembered(next.key), next.value.value());
                if (result != null) {
                    unremembered.put(next.key, result);
                    rebuilt++;
                }
                last = next.key;
            }
        }
        return new WalkState(wanted, null, true);
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
