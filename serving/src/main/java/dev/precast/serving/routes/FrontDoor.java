package dev.precast.serving.routes;

import dev.precast.serving.auth.RecentlyUsed;
import dev.precast.serving.upstream.HeaderLines;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * What the upstream last answered on {@code /v2/}, per credential. Every old client asks there before anything else: without an
 * answer it would not even ask for what Precast can still serve while the upstream is down. Thread-safe.
 */
final class FrontDoor {
    /** Longer ones are not remembered. */
    static final int MAX_BODY = 4 << 10;

    /**
     * An answer as it was handed on: 200, or 401 with its challenge.
     *
     * @param at when it came, on the clock of this class
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared, never changed.
    record Remembered(int status, HeaderLines headers, byte[] body, long at) {}

    private final RecentlyUsed<String, Remembered> answers = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);
    private final Duration grace;
    private final LongSupplier nanoTime;

    /**
     * @param grace for how long an answer stands in for the upstream
     * @param nanoTime a clock that only goes forward
     */
    FrontDoor(Duration grace, LongSupplier nanoTime) {
        this.grace = grace;
        this.nanoTime = nanoTime;
    }

    void remember(String fingerprint, int status, HeaderLines headers, byte[] body) {
        answers.put(fingerprint, new Remembered(status, headers, body, nanoTime.getAsLong()));
    }

    Optional<Remembered> recall(String fingerprint) {
        return Optional.ofNullable(answers.get(fingerprint))
                .filter(answer -> nanoTime.getAsLong() - answer.at() < grace.toNanos());
    }
}
