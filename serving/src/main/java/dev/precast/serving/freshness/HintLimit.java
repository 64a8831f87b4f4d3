package dev.precast.serving.freshness;

import dev.precast.schemas.image.Reference;
import dev.precast.serving.auth.RecentlyUsed;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many hints requests may cause: one a tag in a while, however many wait for it, and so many a second in all, so that nobody
 * can flood ingest by asking. Thread-safe.
 */
final class HintLimit {
    /** Ingest goes on reading the tag for longer than this by itself, once it was told. */
    static final Duration AGAIN_AFTER = Duration.ofSeconds(10);

    static final int PER_SECOND = 50;

    private final RecentlyUsed<Reference, Long> last = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);
    private final LongSupplier nanoTime;
    private final Allowance all;

    HintLimit(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.all = new Allowance(PER_SECOND, nanoTime);
    }

    /** Whether a hint of the tag may be sent now; if so, it counts as sent. */
    synchronized boolean admit(Reference reference) {
        long now = nanoTime.getAsLong();
        @Nullable Long before = last.get(reference);
        if (before != null && now - before < AGAIN_AFTER.toNanos()) {
            return false;
        }
        if (!all.take(now)) {
            return false;
        }
        last.put(reference, now);
        return true;
    }
}
