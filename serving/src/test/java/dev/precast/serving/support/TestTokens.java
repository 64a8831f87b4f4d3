package dev.precast.serving.support;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Registry tokens, right and wrong, put together from texts so that nothing corrects them. */
public final class TestTokens {
    private TestTokens() {}

    /** @param kind RSA, RSA-1024, P-256, P-384, P-521 or Ed25519 */
    public static KeyPair keys(String kind) {
        try {
            if (kind.startsWith("P-")) {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(new ECGenParameterSpec("secp" + kind.substring(2) + "r1"));
                return generator.generateKeyPair();
            }
            KeyPairGenerator generator = KeyPairGenerator.getInstance(kind.startsWith("RSA") ? "RSA" : kind);
            if (kind.startsWith("RSA")) {
                generator.initialize(kind.equals("RSA") ? 2048 : 1024);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Claims that are right for a pull from {@code repository}; to be spoilt by the test. */
    public static ObjectNode claims(String issuer, String service, Instant now, String repository) {
        ObjectNode claims = JsonNodeFactory.instance.objectNode();
        claims.put("iss", issuer).put("sub", "somebody").put("aud", service);
        claims.put("exp", now.getEpochSecond() + 300).put("nbf", now.getEpochSecond());
        claims.put("iat", now.getEpochSecond()).put("jti", "1");
        access(claims, "repository", repository, "pull");
        return claims;
    }

    /** Adds one entry to {@code access}. */
    public static ObjectNode access(ObjectNode claims, String type, String name, String... actions) {
        ObjectNode entry =
                claims.withArray("access").addObject().put("type", type).put("name", name);
        List.of(actions).forEach(entry.putArray("actions")::add);
        return claims;
    }

    public static String header(String algorithm, String keyId) {
        return "{\"typ\":\"JWT\",\"alg\":\"" + algorithm + "\",\"kid\":\"" + keyId + "\"}";
    }

    /** Signs as {@code algorithm} says, whatever the header does. */
    public static String token(String header, String claims, String algorithm, PrivateKey key) {
        String input = base64(header) + "." + base64(claims);
        return input + "." + sign(input, algorithm, key);
    }

    public static String base64(String text) {
        return base64(text.getBytes(StandardCharsets.UTF_8));
    }

    public static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String sign(String input, String algorithm, PrivateKey key) {
        byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
        try {
            if (algorithm.equals("EdDSA")) {
                Signature signature = Signature.getInstance("Ed25519");
                signature.initSign(key);
                signature.update(bytes);
                return base64(signature.sign());
            }
            JWSSigner signer = key instanceof ECPrivateKey ec ? new ECDSASigner(ec) : new RSASSASigner(key);
            return signer.sign(new JWSHeader(JWSAlgorithm.parse(algorithm)), bytes)
                    .toString();
        } catch (JOSEException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A certificate that is valid for a day around {@code now}. */
    public static X509Certificate certificate(
            String subject, KeyPair keys, String issuer, PrivateKey issuerKey, boolean authority, Instant now) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Principal("CN=" + issuer),
                    BigInteger.valueOf(subject.hashCode() & 0xFFFF),
                    Date.from(now.minus(Duration.ofHours(12))),
                    Date.from(now.plus(Duration.ofHours(12))),
                    new X500Principal("CN=" + subject),
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            String algorithm = issuerKey instanceof ECPrivateKey ? "SHA256withECDSA" : "SHA256withRSA";
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(issuerKey)));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** PEM with a label such as {@code PUBLIC KEY}. */
    public static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }
}
