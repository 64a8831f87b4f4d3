package dev.precast.schemas.error;

import static java.util.Objects.requireNonNull;

/**
 * An expected "no": the named reason, and what was found in this image.
 *
 * @param reason the code that scripts and dashboards rely on
 * @param message what was found and what was expected; never secrets, never a whole manifest
 */
public record Refusal(RefusalReason reason, String message) {
    public Refusal {
        requireNonNull(reason, "reason");
        requireNonNull(message, "message");
    }
}
