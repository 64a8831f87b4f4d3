package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import org.jspecify.annotations.Nullable;

/**
 * What the newest hint of a tag makes us expect. Only a reason to read again, never a fact.
 *
 * @param gone the tag is said to be deleted
 * @param digest what the tag is said to point to; absent when it is gone or the source does not say: then whatever is found is it
 */
record Expectation(boolean gone, @Nullable Digest digest) {
    static Expectation of(Hint hint) {
        boolean gone = hint.action().equals("delete");
        return new Expectation(gone, gone ? null : hint.digest());
    }

    boolean agreesWith(Digest root) {
        return !gone && (digest == null || digest.equals(root));
    }
}
