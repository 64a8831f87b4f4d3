package dev.precast.converter.jws;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.crypto.impl.ECDSAProvider;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.util.BigIntegers;

/**
 * ES256, ES384 and ES512 with the nonce of RFC 6979. Nimbus's own signer draws a random nonce, so this is another
 * {@link JWSSigner}: the message digest is the platform's, the curve arithmetic Bouncy Castle's, which is several times faster
 * than the platform's on JDK 17. Thread-safe.
 */
final class DeterministicEcSigner extends ECDSAProvider implements JWSSigner {
    private final ECPrivateKeyParameters key;
    private final String digestName;
    private final int half;

    DeterministicEcSigner(ECKey key) throws JOSEException {
        super(ECDSA.resolveAlgorithm(key.getCurve()));
        X9ECParameters curve = CustomNamedCurves.getByName(key.getCurve().getName());
        this.key = new ECPrivateKeyParameters(key.getD().decodeToBigInteger(), new ECDomainParameters(curve));
        this.half = ECDSA.getSignatureByteArrayLength(supportedECDSAAlgorithm()) / 2;
        this.digestName = "SHA-" + supportedECDSAAlgorithm().getName().substring("ES".length());
    }

    @Override
    public Base64URL sign(JWSHeader header, byte[] signingInput) throws JOSEException {
        if (!supportedECDSAAlgorithm().equals(header.getAlgorithm())) {
            throw new JOSEException(
                    "The key signs with " + supportedECDSAAlgorithm() + ", not with " + header.getAlgorithm());
        }
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(nonceDigest()));
        signer.init(true, key);
        BigInteger[] rs = signer.generateSignature(hash(signingInput));
        byte[] signature = new byte[2 * half];
        BigIntegers.asUnsignedByteArray(rs[0], signature, 0, half);
        BigIntegers.asUnsignedByteArray(rs[1], signature, half, half);
        return Base64URL.encode(signature);
    }

    private byte[] hash(byte[] input) {
        try {
            return MessageDigest.getInstance(digestName).digest(input);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("This Java platform lacks " + digestName, e);
        }
    }

    private Digest nonceDigest() {
        return switch (digestName) {
            case "SHA-256" -> new SHA256Digest();
            case "SHA-384" -> new SHA384Digest();
            default -> new SHA512Digest();
        };
    }
}
