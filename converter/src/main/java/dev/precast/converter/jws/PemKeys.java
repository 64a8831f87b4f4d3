package dev.precast.converter.jws;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.security.KeyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;

/** The keys in a PEM text, as JWKs. PEM headers, libtrust's {@code keyID} among them, are read over. */
final class PemKeys {
    private PemKeys() {}

    /** In the order of the text; one or more. */
    static List<JWK> parse(String text) throws KeyException {
        List<JWK> keys = new ArrayList<>();
        try (PEMParser parser = new PEMParser(new StringReader(text))) {
            for (Object object = next(parser); object != null; object = next(parser)) {
                // `openssl ecparam -genkey` writes the curve in a block of its own before the key.
                if (!(object instanceof ASN1ObjectIdentifier) && !(object instanceof X9ECParameters)) {
                    keys.add(key(object));
                }
            }
        } catch (IOException | RuntimeException e) {
            throw new KeyException("found PEM that holds no readable key, expected EC PRIVATE KEY, RSA PRIVATE KEY,"
                    + " PRIVATE KEY, or a public key where one will do");
        }
        if (keys.isEmpty()) {
            throw new KeyException("found PEM without a key, expected one");
        }
        return keys;
    }

    private static @Nullable Object next(PEMParser parser) throws IOException {
        return parser.readObject();
    }

    private static JWK key(Object object) throws IOException, KeyException {
        if (object instanceof PEMKeyPair pair) {
            return privateKey(pair.getPrivateKeyInfo());
        }
        if (object instanceof PrivateKeyInfo info) {
            return privateKey(info);
        }
        if (object instanceof SubjectPublicKeyInfo info) {
            return publicKey(info);
        }
        if (object instanceof X509CertificateHolder certificate) {
            return publicKey(certificate.getSubjectPublicKeyInfo());
        }
        if (object instanceof PEMEncryptedKeyPair || object instanceof PKCS8EncryptedPrivateKeyInfo) {
            throw new KeyException(
                    "found an encrypted key, expected a plain one in a file of mode 0600 (`openssl pkey` decrypts it)");
        }
        throw new KeyException("found a PEM block of another kind ("
                + object.getClass().getSimpleName().toLowerCase(Locale.ROOT) + "), expected a key");
    }

    private static JWK privateKey(PrivateKeyInfo info) throws IOException, KeyException {
        AsymmetricKeyParameter key = PrivateKeyFactory.createKey(info);
        if (key instanceof RSAPrivateCrtKeyParameters rsa) {
            return new RSAKey.Builder(encode(rsa.getModulus()), encode(rsa.getPublicExponent()))
                    .privateExponent(encode(rsa.getExponent()))
                    .firstPrimeFactor(encode(rsa.getP()))
                    .secondPrimeFactor(encode(rsa.getQ()))
                    .firstFactorCRTExponent(encode(rsa.getDP()))
                    .secondFactorCRTExponent(encode(rsa.getDQ()))
                    .firstCRTCoefficient(encode(rsa.getQInv()))
                    .build();
        }
        if (key instanceof ECPrivateKeyParameters ec) {
            // The public point is made from the private number: SEC1 and PKCS #8 may leave it out.
            Curve curve = curve(ec.getParameters() instanceof ECNamedDomainParameters named ? named : null);
            ECPoint point = ec.getParameters().getG().multiply(ec.getD());
            return builder(curve, point)
                    .d(ECKey.encodeCoordinate(fieldSize(curve), ec.getD()))
                    .build();
        }
        throw otherKind(info.getPrivateKeyAlgorithm().getAlgorithm());
    }

    private static JWK publicKey(SubjectPublicKeyInfo info) throws IOException, KeyException {
        AsymmetricKeyParameter key = PublicKeyFactory.createKey(info);
        if (key instanceof RSAKeyParameters rsa) {
            return new RSAKey.Builder(encode(rsa.getModulus()), encode(rsa.getExponent())).build();
        }
        if (key instanceof ECPublicKeyParameters ec) {
            Curve curve = curve(ec.getParameters() instanceof ECNamedDomainParameters named ? named : null);
            return builder(curve, ec.getQ()).build();
        }
        throw otherKind(info.getAlgorithm().getAlgorithm());
    }

    private static ECKey.Builder builder(Curve curve, ECPoint point) {
        ECPoint affine = point.normalize();
        int size = fieldSize(curve);
        return new ECKey.Builder(
                curve,
                ECKey.encodeCoordinate(size, affine.getAffineXCoord().toBigInteger()),
                ECKey.encodeCoordinate(size, affine.getAffineYCoord().toBigInteger()));
    }

    private static Curve curve(@Nullable ECNamedDomainParameters parameters) throws KeyException {
        if (parameters == null) {
            throw new KeyException(
                    "found an EC key with its own curve parameters, expected the named curve P-256, P-384 or P-521");
        }
        Curve curve = Curve.forOID(parameters.getName().getId());
        if (curve == null || !PublicKeys.CURVES.contains(curve)) {
            throw new KeyException("found a key on the curve with object id "
                    + parameters.getName().getId() + ", expected P-256, P-384 or P-521");
        }
        return curve;
    }

    private static int fieldSize(Curve curve) {
        return curve.toECParameterSpec().getCurve().getField().getFieldSize();
    }

    private static KeyException otherKind(ASN1ObjectIdentifier algorithm) {
        return new KeyException("found a key of the kind " + algorithm.getId() + ", expected RSA or EC");
    }

    private static Base64URL encode(BigInteger number) {
        return Base64URL.encode(number);
    }
}
