package dev.precast.converter.jws;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.KeyException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What is allowed as a key, and how libtrust writes the public half. */
final class PublicKeys {
    static final int MIN_RSA_BITS = 2048;
    /** Above this a signature from outside costs more to check than it is worth. */
    static final int MAX_RSA_BITS = 16384;

    private static final BigInteger MIN_EXPONENT = BigInteger.valueOf(65537);
    private static final int MAX_EXPONENT_BITS = 64;
    static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

    private PublicKeys() {}

    /** @throws KeyException if the key is weak or of a kind that no old client checks */
    static void requireStrong(JWK key) throws KeyException {
        if (key instanceof RSAKey rsa) {
            int bits = rsa.getModulus().decodeToBigInteger().bitLength();
            BigInteger exponent = rsa.getPublicExponent().decodeToBigInteger();
            if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
                throw new KeyException(
                        "found an RSA key of " + bits + " bits, expected " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
            }
            if (exponent.compareTo(MIN_EXPONENT) < 0
                    || exponent.bitLength() > MAX_EXPONENT_BITS
                    || !exponent.testBit(0)) {
                throw new KeyException("found an RSA key with another public exponent, expected 65537");
            }
        } else if (key instanceof ECKey ec) {
            if (!CURVES.contains(ec.getCurve())) {
                throw new KeyException(
                        "found a key on the curve " + ec.getCurve() + ", expected P-256, P-384 or P-521");
            }
        } else {
            throw new KeyException("found a key of type " + key.getKeyType() + ", expected RSA or EC");
        }
    }

    /**
     * Only the public key material, and {@code keyId} as its {@code kid}: whatever else a key file says does not get out.
     * libtrust lets it: what it saves as PEM carries a header that then shows up in every signature ({@code key.go}).
     */
    static JWK bare(JWK key, String keyId) {
        if (key instanceof RSAKey rsa) {
            // Through integers, so that n and e have no leading zeros, whatever the file had.
            return new RSAKey.Builder(
                            Base64URL.encode(rsa.getModulus().decodeToBigInteger()),
                            Base64URL.encode(rsa.getPublicExponent().decodeToBigInteger()))
                    .keyID(keyId)
                    .build();
        }
        ECKey ec = key.toECKey();
        int bits = ec.getCurve().toECParameterSpec().getCurve().getField().getFieldSize();
        return new ECKey.Builder(
                        ec.getCurve(),
                        ECKey.encodeCoordinate(bits, ec.getX().decodeToBigInteger()),
                        ECKey.encodeCoordinate(bits, ec.getY().decodeToBigInteger()))
                .keyID(keyId)
                .build();
    }

    /** The members of a bare key by name, as in the header of a signature. */
    static Map<String, String> headerMembers(JWK bare) {
        Map<String, String> members = new TreeMap<>();
        bare.toJSONObject().forEach((name, value) -> members.put(name, value.toString()));
        return members;
    }
}
