package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the newest hint of a tag makes us expect. Only a reason to read again, never a fact.
 *
 * @param digest what the tag is said to point to; absent unless the hint says {@link Told#DIGEST}
 */
record Expectation(Told told, @Nullable Digest digest) {
    /** What the hint says, the weakest first. */
    enum Told {
        /** What is recorded is in doubt: if it is found again, that is it. */
        RECHECK,
        /** The tag is there, or was; whatever is found is it. */
        LOOK,
        /** The tag was just pushed, and nobody says with what: the first that is found may be what it was before. */
        PUSHED,
        /** What the tag points to. */
        DIGEST,
        /** The tag is gone. */
        DELETED
    }

    /** Sources of hints that tell of no change. */
    private static final Set<String> NO_EVENTS = Set.of("sweep", "dead-letters");

    static Expectation of(Hint hint) {
        if (hint.action().equals("delete")) {
            return new Expectation(Told.DELETED, null);
        }
        if (hint.action().equals(Hint.RECHECK)) {
            return new Expectation(Told.RECHECK, null);
        }
        if (hint.digest() != null) {
            return new Expectation(Told.DIGEST, hint.digest());
        }
        // What a sweep or a client has met was there by then; an event may be ahead of its tag.
        boolean event = hint.action().equals("push") && !NO_EVENTS.contains(hint.source());
        return new Expectation(event ? Told.PUSHED : Told.LOOK, null);
    }

    /** What counts when {@code newest} comes: a hint that says less does not make up for one that says more, unless that was a delete. */
    Expectation then(Expectation newest) {
        boolean stronger = newest.told.compareTo(told) >= 0;
        boolean back = gone() && newest.told != Told.RECHECK;
        return stronger || back ? newest : this;
    }

    boolean gone() {
        return told == Told.DELETED;
    }

    boolean agreesWith(Digest root) {
        return !gone() && (digest == null || digest.equals(root));
    }
}
