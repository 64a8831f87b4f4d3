package dev.precast.ingest.resolver;

import dev.precast.ingest.registry.Answer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.ImageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What one reading of a tag came to. */
sealed interface Reading {
    /**
     * The tag points to something.
     *
     * @param draft all that was read, with version 0 and observed at the epoch: equal readings are equal drafts
     * @param observedAt when the registry said so
     * @param certain false when something about it is wrong that may as well have gone wrong on the way: a refusal, a child left
     *     out. Only the same result several times in a row is believed
     */
    record Held(ImageRecord draft, Instant observedAt, boolean certain) implements Reading {}

    /** The tag still points to the root that the caller knows; nothing else was read. */
    record Unchanged(Digest root) implements Reading {}

    /** The registry says explicitly that it has no such tag. */
    record Gone() implements Reading {}

    /** Nothing can be said now. */
    record Failed(Answer.Cause cause, String message, Optional<Duration> retryAfter) implements Reading {}
}
