package dev.precast.ingest.registry;

import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.schema1.PrettyJws;

/**
 * What bytes are called by a registry: their SHA-256, but for a signed schema 1 manifest that of the signed payload
 * ({@code registry/handlers/manifests.go} at v2.8.3).
 */
final class ContentDigest {
    private ContentDigest() {}

    static Digest of(String mediaType, byte[] bytes) {
        if (MediaTypes.isSchema1(mediaType)) {
            try {
                return PrettyJws.digest(bytes);
            } catch (RefusedException e) {
                return Digest.sha256(bytes); // Broken JWS: the parser will say so; this only names it.
            }
        }
        return Digest.sha256(bytes);
    }

    static boolean matches(Digest digest, String mediaType, byte[] bytes) {
        return digest.matches(bytes) || (MediaTypes.isSchema1(mediaType) && payloadMatches(digest, bytes));
    }

    private static boolean payloadMatches(Digest digest, byte[] bytes) {
        try {
            return PrettyJws.read(bytes)
                    .filter(jws -> digest.matches(jws.payload()))
                    .isPresent();
        } catch (RefusedException e) {
            return false;
        }
    }
}
