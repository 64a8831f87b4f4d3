package dev.precast.serving.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import org.jspecify.annotations.Nullable;

/**
 * A public key that is believed.
 *
 * @param algorithm the only one it is for; absent when it says nothing
 */
record TrustedKey(PublicKey key, @Nullable String algorithm) {
    static final int LEAST_RSA_BITS = 2048;

    /** Whether a token may be signed with it: RSA of 2048 bits or more, a NIST curve, or Ed25519. */
    static boolean usable(PublicKey key) {
        if (key instanceof RSAPublicKey rsa) {
            return rsa.getModulus().bitLength() >= LEAST_RSA_BITS;
        }
        return key instanceof ECPublicKey
                || (key instanceof EdECPublicKey edwards
                        && edwards.getParams().getName().equals("Ed25519"));
    }

    /** Whether the key made the signature with the algorithm of the header; an algorithm of another kind of key is a no. */
    boolean verifies(JWSHeader header, byte[] signingInput, Base64URL signature) {
        String name = header.getAlgorithm().getName();
        if (algorithm != null && !algorithm.equals(name)) {
            return false;
        }
        try {
            if (key instanceof RSAPublicKey rsa && (name.startsWith("RS") || name.startsWith("PS"))) {
                return verifies(new RSASSAVerifier(rsa), header, signingInput, signature);
            }
            if (key instanceof ECPublicKey ec && name.startsWith("ES")) {
                return verifies(new ECDSAVerifier(ec), header, signingInput, signature);
            }
            return key instanceof EdECPublicKey && name.equals("EdDSA") && edwards(signingInput, signature);
        } catch (JOSEException | GeneralSecurityException e) {
            return false; // A signature of the wrong length, or an algorithm that does not fit the curve.
        }
    }

    private static boolean verifies(JWSVerifier verifier, JWSHeader header, byte[] signingInput, Base64URL signature)
            throws JOSEException {
        return verifier.supportedJWSAlgorithms().contains(header.getAlgorithm())
                && verifier.verify(header, signingInput, signature);
    }

    private boolean edwards(byte[] signingInput, Base64URL signature) throws GeneralSecurityException {
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(signingInput);
        return verifier.verify(signature.decode());
    }
}
