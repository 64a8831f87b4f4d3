package dev.precast.ingest.registry;

import dev.precast.ingest.BreakerConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Leaves the registry alone while it only fails. So many failures in a row open it: {@link #pass} then waits. After a while one of
 * those that wait asks the registry whether it works; its answer closes the breaker or keeps it open, each time for longer. What
 * waits is lost nowhere: hints stay in their topic. Thread-safe.
 */
public final class Breaker {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final int MAX_DOUBLINGS = 20;

    /** What it does now. */
    public enum State {
        CLOSED(0),
        HALF_OPEN(1),
        OPEN(2);

        private final int level;

        State(int level) {
            this.level = level;
        }

        /** What the metric shows. */
        public int level() {
            return level;
        }
    }

    /** Asks the registry whether it works. */
    @FunctionalInterface
    public interface Probe {
        /** Empty when it does; otherwise how long it asks to be left alone, zero when it does not say. */
        Optional<Duration> failure();
    }

    private final BreakerConfig config;
    private final LongSupplier nanoTime;
    private final DoubleSupplier random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private State state = State.CLOSED;
    private int failures;
    private int openings;
    private long openUntil;

    /** @param random for jitter, 0 (inclusive) to 1 (exclusive) */
    public Breaker(BreakerConfig config, LongSupplier nanoTime, DoubleSupplier random) {
        this.config = config;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    /** The registry answered, be it that it does not have something. */
    public void succeeded() {
        lock.lock();
        try {
            if (state == State.CLOSED) {
                failures = 0;
                openings = 0;
            }
        } finally {
            lock.unlock();
        }
    }

    /** @param retryAfter how long the registry asks to be left alone; zero when it does not say */
    public void failed(Duration retryAfter) {
        lock.lock();
        try {
            if (state == State.CLOSED && ++failures >= config.failures()) {
                open(retryAfter);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns at once while it is closed, else once it is closed again.
     *
     * @param probe asked by one caller at a time, without the lock
     */
    public void pass(Probe probe) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (state != State.CLOSED) {
                long left = openUntil - nanoTime.getAsLong();
                if (state == State.HALF_OPEN) {
                    changed.await();
                } else if (left > 0) {
                    changed.awaitNanos(left);
                } else {
                    probe(probe);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Another one, for another place, with the same settings. */
    Breaker another() {
        return new Breaker(config, nanoTime, random);
    }

    /**
     * For those that cannot wait here, in place of {@link #pass}: how long the place is still left alone; zero when it may be asked. The
     * first failure after a pause opens it again.
     */
    Duration left() {
        lock.lock();
        try {
            long left = state == State.OPEN ? openUntil - nanoTime.getAsLong() : 0;
            if (left <= 0 && state == State.OPEN) {
                state = State.CLOSED;
                failures = config.failures() - 1;
            }
            return Duration.ofNanos(Math.max(0, left));
        } finally {
            lock.unlock();
        }
    }

    public State state() {
        lock.lock();
        try {
            return state;
        } finally {
            lock.unlock();
        }
    }

    private void probe(Probe probe) throws InterruptedException {
        state = State.HALF_OPEN;
        Optional<Duration> failure = Optional.of(Duration.ZERO);
        lock.unlock();
        try {
            failure = probe.failure();
        } finally {
            lock.lock();
            if (failure.isEmpty()) {
                state = State.CLOSED;
                failures = 0;
            } else {
                open(failure.get());
            }
            changed.signalAll();
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    /** Half to all of a time that doubles with each opening in a row, so that several processes do not come back together. */
    private void open(Duration retryAfter) {
        long ceiling = Math.min(config.longest().toNanos(), FIRST.toNanos() << Math.min(openings, MAX_DOUBLINGS));
        long wait = (long) (ceiling * (1 + random.getAsDouble()) / 2) + retryAfter.toNanos();
        state = State.OPEN;
        openings++;
        openUntil = nanoTime.getAsLong() + Math.min(wait, TimeUnit.MINUTES.toNanos(10));
        changed.signalAll();
    }
}
