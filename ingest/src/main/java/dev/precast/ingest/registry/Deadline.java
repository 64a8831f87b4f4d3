package dev.precast.ingest.registry;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * When reading one object must have ended, with all the requests that it takes: challenges and redirects do not begin it anew.
 * Immutable.
 */
final class Deadline {
    private final long end;
    private final Duration whole;

    private Deadline(long end, Duration whole) {
        this.end = end;
        this.whole = whole;
    }

    /** That long from now. */
    static Deadline after(Duration whole) {
        return new Deadline(System.nanoTime() + whole.toNanos(), whole);
    }

    /** In whole milliseconds; zero when no time is left. */
    Duration left() {
        return Duration.ofMillis(Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
    }

    /** The time that there was at first. */
    Duration whole() {
        return whole;
    }
}
