package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The public half of a signing key and its state. Key: the key id; {@link RecordKeys#availableKey} for what a converter says of a
 * key that it holds, so that it can never overwrite a state that an operator chose. Never a private key.
 *
 * @param jwk public JWK as JSON
 * @param since when it came into this state
 * @param until when its overlap ends: a previous key signs before, not after; absent: it does not sign
 */
public record SigningKeyRecord(
        String keyId,
        String jwk,
        KeyState state,
        Instant since,
        @Nullable Instant until) {
    public SigningKeyRecord {
        requireNonNull(keyId, "keyId");
        requireNonNull(jwk, "jwk");
        requireNonNull(state, "state");
        requireNonNull(since, "since");
    }

    /** Whether variants should carry a signature by this key at {@code now}. */
    public boolean signs(Instant now) {
        return state == KeyState.ACTIVE || (state == KeyState.PREVIOUS && until != null && now.isBefore(until));
    }
}
