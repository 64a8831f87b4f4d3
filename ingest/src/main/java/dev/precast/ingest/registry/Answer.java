package dev.precast.ingest.registry;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.Digest;
import java.time.Duration;
import java.util.Optional;

/**
 * What came of asking the registry for something.
 *
 * @param <T> what was asked for
 */
public sealed interface Answer<T> {
    /** It is there, verified. */
    record Found<T>(T value) implements Answer<T> {}

    /** The registry itself says that it does not hold it: a 404 with one of its own codes, not just any 404 on the way. */
    record Absent<T>(String code) implements Answer<T> {}

    /**
     * Nothing can be said now; asking again may help.
     *
     * @param cause for metrics and logs, one of a few words
     * @param message what was found and expected
     * @param retryAfter how long the registry asks to be left alone; absent when it does not say
     */
    record Transient<T>(Cause cause, String message, Optional<Duration> retryAfter) implements Answer<T> {}

    /**
     * It is there, but cannot be used; asking again would show the same, unless something on the way garbled it.
     *
     * @param digest what it is called; absent when the registry did not say and it was not read whole
     */
    record Unusable<T>(Refusal refusal, Optional<Digest> digest) implements Answer<T> {}

    /** Why nothing could be said. */
    enum Cause {
        UNREACHABLE,
        TIMEOUT,
        INTERRUPTED,
        UNAUTHORIZED,
        RATE_LIMITED,
        SERVER_ERROR,
        REDIRECTED,
        CONTENT_ENCODING,
        UNEXPECTED_ANSWER,
        /** A list that is none. */
        GARBLED,
        /** Not the registry: our own broker did not take the result. */
        NOT_PUBLISHED;

        /** Whether whoever was asked works, and has only said something else than was hoped for. */
        boolean isAnAnswer() {
            return lasts() || this == GARBLED;
        }

        /** Whether the same answer would most likely come again, until somebody changes something. */
        public boolean lasts() {
            return this == UNAUTHORIZED || this == REDIRECTED || this == CONTENT_ENCODING || this == UNEXPECTED_ANSWER;
        }
    }

    static <T> Answer<T> failed(Cause cause, String message) {
        return new Transient<>(cause, message, Optional.empty());
    }
}
