package dev.precast.ingest.webhook;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that events may carry: two during a change, none when everybody may send. Compared in constant time over SHA-256,
 * all of them each time, so that neither length nor content nor position shows (CVE-2021-38153). Thread-safe.
 */
final class BearerSecrets {
    private static final String SCHEME = "Bearer ";

    private final List<byte[]> hashes;

    BearerSecrets(List<String> secrets) {
        this.hashes = secrets.stream().map(BearerSecrets::hash).toList();
    }

    /** @param authorization the header as received, absent when there is none */
    boolean accept(@Nullable String authorization) {
        if (hashes.isEmpty()) {
            return true;
        }
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] given = hash(authorization.substring(SCHEME.length()));
        boolean accepted = false;
        for (byte[] hash : hashes) {
            accepted |= MessageDigest.isEqual(hash, given);
        }
        return accepted;
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
