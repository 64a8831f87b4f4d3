package dev.precast.schemas.image;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A content digest: {@code sha256:} and 64, or {@code sha512:} and 128 lower-case hex digits. Other algorithms, upper case
 * and other lengths are not digests (OCI image-spec v1.1 {@code descriptor.md#digests}; the algorithms registered there).
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case hex of the hash
 */
public record Digest(String algorithm, String hex) {
    /** The 32-byte gzipped empty tar that stands for every empty layer in schema 1. */
    public static final Digest EMPTY_LAYER =
            new Digest("sha256", "a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4");

    public Digest {
        if (!valid(algorithm, hex)) {
            throw new IllegalArgumentException("Not a digest: found \"" + abbreviate(algorithm + ":" + hex)
                    + "\", expected sha256: and 64 or sha512: and 128 lower-case hex digits.");
        }
    }

    /** @throws IllegalArgumentException if {@code text} is not a digest */
    @JsonCreator
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("Not a digest: found \"" + abbreviate(text)
                    + "\", expected sha256: and 64 or sha512: and 128 lower-case hex digits.");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The digest that {@code text} is, or empty. */
    public static Optional<Digest> tryParse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0 || !valid(text.substring(0, colon), text.substring(colon + 1))) {
            return Optional.empty();
        }
        return Optional.of(parse(text));
    }

    public static Digest sha256(byte[] content) {
        return new Digest("sha256", HexFormat.of().formatHex(hasher("SHA-256").digest(content)));
    }

    /** Whether {@code content} has this digest. */
    public boolean matches(byte[] content) {
        byte[] actual = newHasher().digest(content);
        return MessageDigest.isEqual(actual, HexFormat.of().parseHex(hex));
    }

    /** A fresh hash of this digest's algorithm, to feed while streaming. */
    public MessageDigest newHasher() {
        return hasher(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    }

    @JsonValue
    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }

    private static boolean valid(String algorithm, String hex) {
        return switch (algorithm) {
            case "sha256" -> isHex(hex, 64);
            case "sha512" -> isHex(hex, 128);
            default -> false;
        };
    }

    private static boolean isHex(String text, int length) {
        if (text.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    private static String abbreviate(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static MessageDigest hasher(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has " + name, e);
        }
    }
}
