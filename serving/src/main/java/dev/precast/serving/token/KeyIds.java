package dev.precast.serving.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.bouncycastle.util.encoders.Base32;

/** The names that token servers give to a key: RFC 7638's thumbprint, and the key id of libtrust. */
final class KeyIds {
    private static final int LIBTRUST_BYTES = 30;
    private static final int GROUP = 4;

    private KeyIds() {}

    static Set<String> of(PublicKey key) {
        Set<String> ids = new LinkedHashSet<>();
        ids.add(libtrust(key));
        try {
            if (key instanceof RSAPublicKey rsa) {
                ids.add(new RSAKey.Builder(rsa).build().computeThumbprint().toString());
            } else if (key instanceof ECPublicKey ec) {
                Curve curve = Curve.forECParameterSpec(ec.getParams());
                ids.add(new ECKey.Builder(curve, ec).build().computeThumbprint().toString());
            }
        } catch (JOSEException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
        return ids;
    }

    /** Twelve groups of four: the first 240 bits of the SHA-256 of the DER form ({@code util.go} of docker/libtrust). */
    static String libtrust(PublicKey key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            String text = Base32.toBase32String(Arrays.copyOf(hash, LIBTRUST_BYTES));
            StringBuilder grouped = new StringBuilder();
            for (int i = 0; i < text.length(); i += GROUP) {
                grouped.append(i == 0 ? "" : ":").append(text, i, i + GROUP);
            }
            return grouped.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
