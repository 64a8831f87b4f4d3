package dev.precast.serving.auth;

import dev.precast.schemas.image.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a caller presents.
 *
 * @param header the Authorization header as sent; empty for an anonymous caller
 */
public record Credential(Optional<String> header) {
    public static final Credential ANONYMOUS = new Credential(Optional.empty());

    private static final String NOBODY = "anonymous";

    /** What the credential is remembered by: its SHA-256, never itself. */
    public String fingerprint() {
        return header.map(text ->
                        Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).hex())
                .orElse(NOBODY);
    }

    @Override
    public String toString() {
        return header.isPresent() ? "Credential[…]" : "Credential[anonymous]";
    }
}
