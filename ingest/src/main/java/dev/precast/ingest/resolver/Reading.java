package dev.precast.ingest.resolver;

import dev.precast.ingest.registry.Answer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.ImageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What one reading of a tag came to. */
sealed interface Reading {
    /**
     * The tag points to something.
     *
     * @param draft all that was read, with version 0 and observed at the epoch: equal readings are equal drafts
     * @param observedAt when the registry said so
     * @param doubts what is wrong about it and may as well have gone wrong on the way: a refusal, a child left out. Only the same
     *     doubts several times in a row are believed
     * @param lacking whether the registry lacks what it names. That is certain, but may come later without an event of its own
     */
    record Held(ImageRecord draft, Instant observedAt, List<String> doubts, boolean lacking) implements Reading {
        public Held {
            doubts = List.copyOf(doubts);
        }

        boolean certain() {
            return doubts.isEmpty();
        }

        /** Whether nobody need look at it again while the tag points to the same. */
        boolean isWhole() {
            return certain() && !lacking;
        }
    }

    /** The tag still points to the root that the caller knows; nothing else was read. */
    record Unchanged(Digest root) implements Reading {}

    /** The registry says explicitly that it has no such tag. */
    record Gone() implements Reading {}

    /**
     * Nothing can be said now.
     *
     * @param instead the refusal that is to stand there if it stays so, lest an older image does; absent when not even the root was
     *     read
     */
    record Failed(Answer.Cause cause, String message, Optional<Duration> retryAfter, Optional<Held> instead)
            implements Reading {
        static Failed of(Answer.Transient<?> failure) {
            return new Failed(failure.cause(), failure.message(), failure.retryAfter(), Optional.empty());
        }
    }
}
