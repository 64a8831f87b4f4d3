package dev.precast.converter.jws;

import dev.precast.schemas.image.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came out of checking a manifest.
 *
 * @param payloadDigest digest of what was signed, or of all bytes when unsigned; absent when the payload cannot be told
 * @param signatures in the order of the document; empty when there are none or they cannot be read
 * @param extraMembers whether something stands outside the signed payload
 * @param problem one sentence when the verdict is {@code INVALID} or {@code EXTRA_MEMBERS}; else empty
 */
public record Verification(
        Verdict verdict,
        @Nullable Digest payloadDigest,
        List<SignatureCheck> signatures,
        boolean extraMembers,
        String problem) {
    public Verification {
        signatures = List.copyOf(signatures);
    }
}
