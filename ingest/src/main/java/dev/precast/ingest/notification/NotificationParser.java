package dev.precast.ingest.notification;

import java.time.Instant;

/** Reads one source's notification bodies. Pure and thread-safe: never throws for what a body holds. */
public interface NotificationParser {
    /** The source's name in hints and dead letters, such as {@code distribution}. */
    String source();

    /** @param receivedAt when the body arrived */
    Notification parse(byte[] body, Instant receivedAt);
}
