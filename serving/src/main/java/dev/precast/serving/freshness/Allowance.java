package dev.precast.serving.freshness;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** So many a second, of which those of one second may come at once. Makes no garbage. Thread-safe. */
final class Allowance {
    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final long price;
    /** When all that was given out is paid back; in nanoseconds of the clock. */
    private final AtomicLong paidAt;

    /** @param nanoTime the clock that the moments given later are of */
    Allowance(int perSecond, LongSupplier nanoTime) {
        this.price = NANOS_A_SECOND / perSecond;
        this.paidAt = new AtomicLong(nanoTime.getAsLong() - NANOS_A_SECOND);
    }

    /** Whether there is any left; {@link #take} may still find that somebody else was faster. */
    boolean isLeft(long now) {
        return now - paidAt.get() >= price;
    }

    /** Takes one, if there is any. */
    boolean take(long now) {
        while (true) {
            long before = paidAt.get();
            if (now - before < price) {
                return false;
            }
            if (paidAt.compareAndSet(before, Math.max(before, now - NANOS_A_SECOND) + price)) {
                return true;
            }
        }
    }
}
