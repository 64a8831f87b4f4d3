package dev.precast.serving.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * What credentials are remembered by, never themselves: an HMAC-SHA-256 with a key that lives as long as the process, so that not
 * even a weak password can be guessed from what lies in memory. Thread-safe.
 */
public final class Fingerprints {
    private static final String ALGORITHM = "HmacSHA256";
    private static final String NOBODY = "anonymous";

    private final SecretKey key;

    /** @param random for the key */
    public Fingerprints(SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, ALGORITHM);
    }

    /** 64 hex digits, or {@code anonymous}. */
    public String of(Credential credential) {
        return credential.header().map(this::hmac).orElse(NOBODY);
    }

    private String hmac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256", e);
        }
    }
}
