package dev.precast.serving.metrics;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** How often something was found in a cache, and how often not. Thread-safe; counting makes no garbage. */
public final class Lookups {
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** Counts a look by what it found; absent is a miss. */
    public <T> @Nullable T counted(@Nullable T found) {
        (found == null ? misses : hits).increment();
        return found;
    }

    public void hit() {
        hits.increment();
    }

    public void miss() {
        misses.increment();
    }

    public long hits() {
        return hits.sum();
    }

    public long misses() {
        return misses.sum();
    }
}
