package dev.precast.ingest.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that events may carry: two during a change, none when everybody may send. As {@code Bearer SECRET}, or as the password of
 * {@code Basic}, for registries that know no other way (zot, Quay). Compared in constant time over SHA-256, all of them each time, so that
 * neither length nor content nor position shows (CVE-2021-38153). Thread-safe.
 */
final class EventSecrets {
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private final List<byte[]> hashes;

    EventSecrets(List<String> secrets) {
        this.hashes = secrets.stream().map(EventSecrets::hash).toList();
    }

    /** @param authorization the header as received, absent when there is none */
    boolean accept(@Nullable String authorization) {
        if (hashes.isEmpty()) {
            return true;
        }
        String said = authorization == null ? null : secret(authorization);
        if (said == null) {
            return false;
        }
        byte[] given = hash(said);
        boolean accepted = false;
        for (byte[] hash : hashes) {
            accepted |= MessageDigest.isEqual(hash, given);
        }
        return accepted;
    }

    private static @Nullable String secret(String authorization) {
        String scheme = authorization
                .substring(0, Math.min(BEARER.length(), authorization.length()))
                .toLowerCase(Locale.ROOT);
        if (scheme.equals(BEARER)) {
            return authorization.substring(BEARER.length());
        }
        if (!scheme.startsWith(BASIC)) {
            return null;
        }
        try {
            byte[] pair = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            String text = new String(pair, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0 ? null : text.substring(colon + 1);
        } catch (IllegalArgumentException e) {
            return null; // No Base64.
        }
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
