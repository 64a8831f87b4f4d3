package dev.precast.serving.token;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Whose tokens are accepted.
 *
 * @param realm where clients get tokens
 * @param service the name of this registry there: the audience of its tokens
 * @param issuer who signs them, exactly
 * @param keys files of JWK sets, PEM public keys or PEM certificates, whose keys are believed by their ids
 * @param roots PEM files of certificates below which a token's own chain ({@code x5c}) has to lead
 * @param algorithms JWS names, asymmetric ones only
 * @param longest that a token may be valid for
 */
public record TokenConfig(
        URI realm,
        String service,
        String issuer,
        List<Path> keys,
        List<Path> roots,
        Set<String> algorithms,
        Duration longest) {
    /** All that can be configured. HMAC is not among them: whoever can check such a token can make one. */
    public static final List<String> ALGORITHMS =
            List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

    public TokenConfig {
        keys = List.copyOf(keys);
        roots = List.copyOf(roots);
        algorithms = Set.copyOf(algorithms);
    }
}
