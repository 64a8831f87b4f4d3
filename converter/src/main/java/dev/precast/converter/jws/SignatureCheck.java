package dev.precast.converter.jws;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One signature, checked.
 *
 * @param keyId made from the key in the header, not read from it; absent when there is no usable key
 * @param algorithm as the header says; empty when it says none
 * @param valid whether the signature is one by that key over the payload
 * @param trusted whether the key is among the trusted ones; says nothing unless {@code valid}
 * @param time when it was signed, as the signer says; absent when missing or unreadable
 * @param problem what was found instead of a valid signature; empty when valid
 */
public record SignatureCheck(
        @Nullable String keyId,
        String algorithm,
        boolean valid,
        boolean trusted,
        @Nullable Instant time,
        String problem) {}
