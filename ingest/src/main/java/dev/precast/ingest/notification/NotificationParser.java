package dev.precast.ingest.notification;

import java.util.Set;

/** Reads one source's notification bodies. Pure and thread-safe: never throws for what a delivery holds. */
public interface NotificationParser {
    /** The source's name in hints and dead letters, such as {@code distribution}. */
    String source();

    /** Media types that are read, in lower case; empty text stands for a body without one. */
    Set<String> mediaTypes();

    /** Of a delivery with one of the {@link #mediaTypes}. */
    Notification parse(Delivery delivery);
}
