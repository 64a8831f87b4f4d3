package dev.precast.schemas.role;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Notices when the whole process stood still: stopped, or out of a machine's memory. The consumer group gives its partitions to others
 * then, and it must not go on in the middle of what it was doing: what it takes for desired is old, and what it publishes looks new.
 * A thread that only waits for a broker is no such case: others of the process go on. Thread-safe.
 */
public final class Pulse implements AutoCloseable {
    /** Longer than any pause of a healthy process, and less than the group waits before it takes the partitions away. */
    public static final Duration STANDSTILL = Duration.ofSeconds(5);

    private static final long BEAT_MILLIS = 250;

    private final LongSupplier nanoTime;
    private final Thread thread = new Thread(this::run, "precast-pulse");
    private long last;
    private int standstills;

    /** @param nanoTime a clock that goes on while the process stands still */
    public Pulse(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    public void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** How often it stood still up to now. Whoever asks first after a standstill notices it. */
    public synchronized int standstills() {
        long now = nanoTime.getAsLong();
        if (now - last > STANDSTILL.toNanos()) {
            standstills++;
        }
        last = now;
        return standstills;
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(BEAT_MILLIS);
                int unused = standstills();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
