package dev.precast.schemas.record;

import java.time.Instant;

/**
 * The public half of a signing key and its state. Key: the key id. Never a private key.
 *
 * @param jwk public JWK as JSON
 * @param state {@code active}, {@code previous} or {@code retired}
 * @param since when it came into this state
 */
public record SigningKeyRecord(String keyId, String jwk, String state, Instant since) {}
