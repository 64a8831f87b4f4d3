package dev.precast.converter.jws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.AsymmetricJWK;
import com.nimbusds.jose.jwk.JWK;
import dev.precast.schemas.image.Digest;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.util.encoders.Base32;

/**
 * libtrust's key id: SHA-256 of the DER SubjectPublicKeyInfo, its first 30 bytes in base32, twelve groups of four joined by
 * colons ({@code util.go}, keyIDFromCryptoKey, vendored in distribution v2.8.3). 240 bits of the hash: whoever trusts an id
 * trusts that key and no other.
 */
public final class KeyId {
    private static final int BYTES = 30;
    private static final int GROUP = 4;

    private KeyId() {}

    public static String of(PublicKey key) {
        byte[] hash = HexFormat.of().parseHex(Digest.sha256(key.getEncoded()).hex());
        String text = Base32.toBase32String(Arrays.copyOf(hash, BYTES));
        List<String> groups = new ArrayList<>();
        for (int i = 0; i < text.length(); i += GROUP) {
            groups.add(text.substring(i, i + GROUP));
        }
        return String.join(":", groups);
    }

    /**
     * The id of the key itself; what the JWK says as its {@code kid} does not matter.
     *
     * @throws IllegalArgumentException if the key is neither RSA nor EC
     */
    public static String of(JWK key) {
        try {
            if (key instanceof AsymmetricJWK asymmetric) {
                return of(asymmetric.toPublicKey());
            }
        } catch (JOSEException e) {
            throw new IllegalArgumentException("Cannot make a public key of the JWK: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "Cannot identify a key of type " + key.getKeyType() + ", expected RSA or EC.");
    }
}
