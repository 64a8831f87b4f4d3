package dev.precast.ingest.resolver;

import dev.precast.ingest.registry.Answer;
import dev.precast.schemas.image.Digest;
import java.time.Duration;
import java.util.Optional;

/** A {@link Reading} reduced to what the next step depends on. */
sealed interface Seen {
    /**
     * @param root what the tag points to
     * @param content digest of all that was read; of the doubts, where there are any
     * @param certain see {@link Reading.Held}
     * @param before what the table says of the tag
     */
    record Image(Digest root, Digest content, boolean certain, Before before) implements Seen {}

    /** What the image table says. */
    enum Before {
        /** Nothing, or something else that is in doubt itself. */
        NOTHING_SURE,
        /** Something else, for certain. */
        OTHER,
        /** Just that. */
        SAME
    }

    /** @param confirmed the registry had just answered {@code /v2/} with 200 */
    record Gone(boolean confirmed) implements Seen {}

    record Failure(Answer.Cause cause, Optional<Duration> retryAfter) implements Seen {}
}
