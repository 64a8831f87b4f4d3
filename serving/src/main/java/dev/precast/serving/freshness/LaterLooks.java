package dev.precast.serving.freshness;

import dev.precast.schemas.image.Reference;
import dev.precast.serving.metrics.ServingMetrics;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/**
 * Which tags are looked at upstream after they were served, and when: each now and then, all together a few a second, by threads of
 * their own. What is too much is left out, and comes up again with the tag's next request. Two tags that share a place are each
 * looked at somewhat more often. Thread-safe.
 */
final class LaterLooks implements AutoCloseable {
    /** Of all tags together. */
    static final int PER_SECOND = 5;

    private static final int PLACES = 1 << 15;
    private static final int THREADS = 2;
    private static final int QUEUED = 16;
    /** Time is kept in steps of 2^20 nanoseconds, about a millisecond, of which 32 bits last for 52 days. */
    private static final int STEP_BITS = 20;

    private final int steps;
    private final LongSupplier nanoTime;
    private final ThreadPoolExecutor threads;
    /** Of the last tag in a place, 32 bits of its hash and 32 of when it was looked at; 0: none. */
    private final AtomicLongArray looks;

    private final Allowance all;

    /**
     * Starts no thread.
     *
     * @param every how long after one look there is another; zero: there is none at all
     */
    LaterLooks(Duration every, LongSupplier nanoTime, ServingMetrics metrics) {
        this.steps = (int) Math.min(Integer.MAX_VALUE, every.toNanos() >>> STEP_BITS);
        this.nanoTime = nanoTime;
        this.looks = new AtomicLongArray(every.isZero() ? 0 : PLACES);
        this.all = new Allowance(PER_SECOND, nanoTime);
        this.threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUED),
                task -> {
                    Thread made = new Thread(task, "precast-serving-looks");
                    made.setDaemon(true);
                    return made;
                },
                (task, executor) -> metrics.freshness("look-dropped"));
        threads.allowCoreThreadTimeOut(true);
    }

    /** Whether the tag is to be looked at now; if so, it counts as looked at. Makes no garbage. */
    boolean due(Reference reference) {
        if (looks.length() == 0) {
            return false;
        }
        long hash = hash(reference);
        int place = (int) hash & PLACES - 1;
        long before = looks.get(place);
        long now = nanoTime.getAsLong();
        int step = (int) (now >>> STEP_BITS);
        boolean same = before != 0 && (before ^ hash) >>> Integer.SIZE == 0;
        if (same && Integer.compareUnsigned(step - (int) before, steps) < 0) {
            return false;
        }
        long next = hash >>> Integer.SIZE << Integer.SIZE | Integer.toUnsignedLong(step);
        return all.isLeft(now) && looks.compareAndSet(place, before, next) && all.take(now);
    }

    /** Lets another thread look, or nobody if they are all busy. */
    void execute(Runnable look) {
        threads.execute(look);
    }

    private static long hash(Reference reference) {
        long hash = (reference.repository().hashCode() * 0x9E3779B97F4A7C15L
                        + reference.tag().hashCode())
                * 0xFF51AFD7ED558CCDL;
        return hash ^ hash >>> 32;
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
