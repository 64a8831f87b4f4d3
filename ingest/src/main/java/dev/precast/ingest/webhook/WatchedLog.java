package dev.precast.ingest.webhook;

import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Another log, and for how long it has taken nothing of what it was given. Thread-safe. */
public final class WatchedLog implements EventLog {
    /** Shorter ones are the broker's elections and restarts. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** After which somebody has to try again: who is not ready may be sent nothing, and would never know. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(60);

    private record Failures(long first, long last, String message) {}

    private final EventLog log;
    private final LongSupplier nanoTime;
    private @Nullable Failures failures;

    public WatchedLog(EventLog log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    @Override
    public void append(List<Hint> hints, List<DeadLetter> deadLetters, Duration within) throws NotPersistedException {
        try {
            log.append(hints, deadLetters, within);
            taken();
        } catch (NotPersistedException e) {
            failed(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private synchronized void taken() {
        failures = null;
    }

    private synchronized void failed(String message) {
        long now = nanoTime.getAsLong();
        Failures before = current(now);
        failures = new Failures(before == null ? now : before.first(), now, message);
    }

    /** One line for people; empty unless everything was refused for half a minute, up to now. */
    public synchronized Optional<String> trouble() {
        Failures now = current(nanoTime.getAsLong());
        return now == null || now.last() - now.first() < PATIENCE.toNanos()
                ? Optional.empty()
                : Optional.of("every event was answered 503 for "
                        + Duration.ofNanos(now.last() - now.first()).toSeconds() + " s: " + now.message());
    }

    private @Nullable Failures current(long now) {
        Failures found = failures;
        return found == null || now - found.last() >= FORGOTTEN.toNanos() ? null : found;
    }
}
