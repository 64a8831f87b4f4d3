package dev.precast.ingest.notification;

import dev.precast.schemas.record.Hint;
import java.util.List;
import java.util.Optional;

/**
 * What a notification body says.
 *
 * @param hints tags to look at again, in the order of the body
 * @param rejection why the body, or some event of it, makes no sense; absent when all of it does
 * @param ignored events that make sense but name no tag that could have moved: blobs, pulls, mounts, pushes by digest only
 */
public record Notification(List<Hint> hints, Optional<Rejection> rejection, int ignored) {
    public Notification {
        hints = List.copyOf(hints);
    }

    /**
     * Why something was refused at the door.
     *
     * @param reason a short code, see {@link RejectionReason}
     * @param message what was found and what was expected
     */
    public record Rejection(RejectionReason reason, String message) {}

    static Notification rejected(RejectionReason reason, String message) {
        return new Notification(List.of(), Optional.of(new Rejection(reason, message)), 0);
    }
}
