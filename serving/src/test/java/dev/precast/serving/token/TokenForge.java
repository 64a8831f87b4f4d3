package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.base64;
import static dev.precast.serving.support.TestTokens.header;
import static dev.precast.serving.support.TestTokens.token;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.RSAKey;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.TestTokens;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys, and how right and wrong tokens are made with them. */
final class TokenForge {
    private TokenForge() {}

    static final String ISSUER = "auth.example";
    static final String SERVICE = "registry.example";
    static final String REPOSITORY = "team/app";
    static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    static final String SCOPE = "scope";

    /** Where headers say that keys are. */
    static final FakeUpstream CANARY = new FakeUpstream();

    static final KeyPair RSA = TestTokens.keys("RSA");
    static final KeyPair P256 = TestTokens.keys("P-256");
    static final KeyPair P384 = TestTokens.keys("P-384");
    static final KeyPair P521 = TestTokens.keys("P-521");
    static final KeyPair ED = TestTokens.keys("Ed25519");
    static final KeyPair EVIL = TestTokens.keys("RSA");
    static final KeyPair EVIL_EC = TestTokens.keys("P-256");
    static final KeyPair PINNED = TestTokens.keys("RSA");
    static final KeyPair ENCRYPTION = TestTokens.keys("RSA");
    static final KeyPair ROOT = TestTokens.keys("P-256");
    static final KeyPair LEAF = TestTokens.keys("P-256");
    static final X509Certificate ROOT_CERTIFICATE =
            TestTokens.certificate("root", ROOT, "root", ROOT.getPrivate(), true, NOW);
    static final X509Certificate LEAF_CERTIFICATE =
            TestTokens.certificate("leaf", LEAF, "root", ROOT.getPrivate(), false, NOW);

    static Attack bad(String family, String name, String fault, Consumer<ObjectNode> spoil) {
        return new Attack(family, name, fault, signed(spoil));
    }

    static Attack raw(String family, String name, String fault, String claims) {
        return new Attack(family, name, fault, token(header("RS256", kid(RSA)), claims, "RS256", RSA.getPrivate()));
    }

    static Attack scope(String name, Consumer<ObjectNode> grant) {
        return bad("scope", name, SCOPE, claims -> {
            claims.putArray("access");
            grant.accept(claims);
        });
    }

    /** Signed by a key that nobody trusts. */
    static Attack evil(String family, String name, String fault, String headerMembers) {
        String header = "{\"alg\":\"RS256\"," + headerMembers + "}";
        return new Attack(family, name, fault, token(header, claimsText(), "RS256", EVIL.getPrivate()));
    }

    static Attack chain(String name, String fault, KeyPair signer, X509Certificate... chain) throws Exception {
        StringBuilder x5c = new StringBuilder();
        for (X509Certificate certificate : chain) {
            x5c.append(x5c.isEmpty() ? "\"" : ",\"")
                    .append(Base64.getEncoder().encodeToString(certificate.getEncoded()))
                    .append('"');
        }
        String algorithm = signer == EVIL ? "RS256" : "ES256";
        String header = "{\"alg\":\"" + algorithm + "\",\"x5c\":[" + x5c + "]}";
        return new Attack("chain", name, fault, token(header, claimsText(), algorithm, signer.getPrivate()));
    }

    static Attack hmac(String name, byte[] secret) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        String input = base64(header("HS256", kid(RSA))) + "." + base64(claimsText());
        byte[] tag = mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));
        return new Attack("algorithm", name, "ALGORITHM", input + "." + base64(tag));
    }

    static String signed(Consumer<ObjectNode> change) {
        ObjectNode claims = TestTokens.claims(ISSUER, SERVICE, NOW, REPOSITORY);
        change.accept(claims);
        return token(header("RS256", kid(RSA)), claims.toString(), "RS256", RSA.getPrivate());
    }

    static String withHeader(String header) {
        return token(header, claimsText(), "RS256", RSA.getPrivate());
    }

    static String unsigned(String header) {
        return base64(header) + "." + base64(claimsText()) + ".";
    }

    static String claimsText() {
        return TestTokens.claims(ISSUER, SERVICE, NOW, REPOSITORY).toString();
    }

    static String kid(KeyPair keys) {
        return KeyIds.libtrust(keys.getPublic());
    }

    static String thumbprint() throws Exception {
        return new RSAKey.Builder((RSAPublicKey) RSA.getPublic())
                .build()
                .computeThumbprint()
                .toString();
    }
}
