package dev.precast.ingest.notification;

import java.util.Set;

/** Reads one source's notification bodies. Pure and thread-safe. */
public interface NotificationParser {
    /** The source's name in hints and dead letters, such as {@code distribution}. */
    String source();

    /** Media types that are read, in lower case; empty text stands for a body without one. */
    Set<String> mediaTypes();

    /**
     * What a delivery with one of the {@link #mediaTypes} says.
     *
     * @throws RejectedException if it makes no sense as a whole
     */
    Notification read(Delivery delivery) throws RejectedException;

    /** As {@link #read}, with what makes no sense as a rejection: never throws for what a delivery holds. */
    default Notification parse(Delivery delivery) {
        try {
            return read(delivery);
        } catch (RejectedException e) {
            return Notification.rejected(e.rejection());
        }
    }
}
