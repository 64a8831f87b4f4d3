package dev.precast.ingest.sweep;

import java.util.concurrent.TimeUnit;

/** So many a second, evenly, with no saving up. Thread-safe. */
final class RateLimit {
    private final long gapNanos;
    private long next = System.nanoTime();

    /** @param rate per second, 1 or more */
    RateLimit(int rate) {
        this.gapNanos = TimeUnit.SECONDS.toNanos(1) / rate;
    }

    /** Waits for its turn. */
    void acquire() throws InterruptedException {
        acquire(1);
    }

    /** Waits for its turn, and takes so many. */
    void acquire(int requests) throws InterruptedException {
        long turn;
        synchronized (this) {
            long now = System.nanoTime();
            turn = Math.max(now, next);
            next = turn + requests * gapNanos;
        }
        TimeUnit.NANOSECONDS.sleep(turn - System.nanoTime());
    }
}
