package dev.precast.ingest.webhook;

import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.util.List;

/** Where events are made durable. Thread-safe. */
public interface EventLog {
    /** Not all of it was acknowledged in time. Some of it may be kept all the same: events are delivered at least once. */
    final class NotPersistedException extends Exception {
        private static final long serialVersionUID = 1L;

        public NotPersistedException(String message) {
            super(message, null, false, false);
        }
    }

    /** Returns once everything is acknowledged by all in-sync replicas. */
    void append(List<Hint> hints, List<DeadLetter> deadLetters, Duration within) throws NotPersistedException;
}
