package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.base64;
import static dev.precast.serving.support.TestTokens.header;
import static dev.precast.serving.support.TestTokens.token;
import static dev.precast.serving.token.TokenForge.CANARY;
import static dev.precast.serving.token.TokenForge.ED;
import static dev.precast.serving.token.TokenForge.ENCRYPTION;
import static dev.precast.serving.token.TokenForge.EVIL;
import static dev.precast.serving.token.TokenForge.EVIL_EC;
import static dev.precast.serving.token.TokenForge.LEAF;
import static dev.precast.serving.token.TokenForge.LEAF_CERTIFICATE;
import static dev.precast.serving.token.TokenForge.NOW;
import static dev.precast.serving.token.TokenForge.P256;
import static dev.precast.serving.token.TokenForge.P384;
import static dev.precast.serving.token.TokenForge.PINNED;
import static dev.precast.serving.token.TokenForge.ROOT;
import static dev.precast.serving.token.TokenForge.ROOT_CERTIFICATE;
import static dev.precast.serving.token.TokenForge.RSA;
import static dev.precast.serving.token.TokenForge.chain;
import static dev.precast.serving.token.TokenForge.claimsText;
import static dev.precast.serving.token.TokenForge.evil;
import static dev.precast.serving.token.TokenForge.hmac;
import static dev.precast.serving.token.TokenForge.kid;
import static dev.precast.serving.token.TokenForge.signed;
import static dev.precast.serving.token.TokenForge.unsigned;
import static dev.precast.serving.token.TokenForge.withHeader;

import com.nimbusds.jose.jwk.RSAKey;
import dev.precast.serving.support.TestTokens;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;

/** On what a token is signed with. */
final class KeyAttacks {
    private KeyAttacks() {}

    static void addTo(List<Attack> all) throws Exception {
        algorithms(all);
        keys(all);
        chains(all);
        signatures(all);
    }

    private static void algorithms(List<Attack> all) throws Exception {
        for (String none : List.of("none", "None", "NONE", "nOnE")) {
            all.add(new Attack(
                    "algorithm", "`alg` " + none + ", no signature", "ALGORITHM", unsigned(header(none, kid(RSA)))));
        }
        all.add(new Attack(
                "algorithm",
                "`alg` none, with a signature",
                "ALGORITHM",
                token(header("none", kid(RSA)), claimsText(), "RS256", RSA.getPrivate())));
        byte[] der = RSA.getPublic().getEncoded();
        all.add(hmac("HS256 with the public key's DER form as the secret", der));
        all.add(hmac(
                "HS256 with the public key's PEM form as the secret",
                TestTokens.pem("PUBLIC KEY", der).getBytes(StandardCharsets.UTF_8)));
        all.add(hmac(
                "HS256 with the modulus as the secret",
                ((RSAPublicKey) RSA.getPublic()).getModulus().toByteArray()));
        all.add(hmac("HS256 with an empty-looking secret", new byte[32]));
        all.add(new Attack("algorithm", "no `alg`", "ALGORITHM", withHeader("{\"kid\":\"" + kid(RSA) + "\"}")));
        all.add(new Attack(
                "algorithm", "`alg` a number", "ALGORITHM", withHeader("{\"alg\":256,\"kid\":\"" + kid(RSA) + "\"}")));
        all.add(new Attack("algorithm", "`alg` ES256K", "ALGORITHM", withHeader(header("ES256K", kid(RSA)))));
        all.add(new Attack(
                "algorithm",
                "ES256 with the id of an RSA key",
                "SIGNATURE",
                token(header("ES256", kid(RSA)), claimsText(), "ES256", EVIL_EC.getPrivate())));
        all.add(new Attack(
                "algorithm",
                "RS256 with the id of an EC key",
                "SIGNATURE",
                token(header("RS256", kid(P256)), claimsText(), "RS256", EVIL.getPrivate())));
        all.add(new Attack(
                "algorithm",
                "ES256 with the id of a P-384 key",
                "SIGNATURE",
                token(header("ES256", kid(P384)), claimsText(), "ES256", EVIL_EC.getPrivate())));
        all.add(new Attack(
                "algorithm",
                "PS256 with a key that is for RS256 only",
                "SIGNATURE",
                token(header("PS256", "pinned"), claimsText(), "PS256", PINNED.getPrivate())));
    }

    private static void keys(List<Attack> all) throws Exception {
        String evilJwk = new RSAKey.Builder((RSAPublicKey) EVIL.getPublic())
                .keyID(kid(EVIL))
                .build()
                .toString();
        String evilNamedAsOurs = new RSAKey.Builder((RSAPublicKey) EVIL.getPublic())
                .keyID(kid(RSA))
                .build()
                .toString();
        all.add(evil(
                "key",
                "`jwk` in the header, own id",
                "UNKNOWN_KEY",
                "\"kid\":\"" + kid(EVIL) + "\",\"jwk\":" + evilJwk));
        all.add(evil("key", "`jwk` in the header, no id", "UNKNOWN_KEY", "\"jwk\":" + evilJwk));
        all.add(evil(
                "key",
                "`jwk` in the header, a trusted id",
                "SIGNATURE",
                "\"kid\":\"" + kid(RSA) + "\",\"jwk\":" + evilNamedAsOurs));
        all.add(evil(
                "key", "`jku`", "UNKNOWN_KEY", "\"kid\":\"" + kid(EVIL) + "\",\"jku\":\"" + CANARY.url() + "/jwks\""));
        all.add(evil(
                "key",
                "`jku`, a trusted id",
                "SIGNATURE",
                "\"kid\":\"" + kid(RSA) + "\",\"jku\":\"" + CANARY.url() + "/jwks\""));
        all.add(evil(
                "key", "`x5u`", "UNKNOWN_KEY", "\"kid\":\"" + kid(EVIL) + "\",\"x5u\":\"" + CANARY.url() + "/cert\""));
        all.add(evil("key", "an unknown id", "UNKNOWN_KEY", "\"kid\":\"" + kid(EVIL) + "\""));
        all.add(evil("key", "a trusted id", "SIGNATURE", "\"kid\":\"" + kid(RSA) + "\""));
        all.add(evil("key", "no id", "UNKNOWN_KEY", "\"typ\":\"JWT\""));
        all.add(evil("key", "a path as the id", "UNKNOWN_KEY", "\"kid\":\"../../../../dev/null\""));
        all.add(evil("key", "SQL as the id", "UNKNOWN_KEY", "\"kid\":\"x' UNION SELECT 'key\""));
        all.add(new Attack(
                "key",
                "signed with a key that is for encryption",
                "UNKNOWN_KEY",
                token(header("RS256", "encryption"), claimsText(), "RS256", ENCRYPTION.getPrivate())));
    }

    private static void chains(List<Attack> all) throws Exception {
        X509Certificate self = TestTokens.certificate("root", EVIL, "root", EVIL.getPrivate(), true, NOW);
        X509Certificate below = TestTokens.certificate("evil", EVIL, "root", EVIL.getPrivate(), false, NOW);
        X509Certificate byLeaf = TestTokens.certificate("evil", EVIL, "leaf", LEAF.getPrivate(), false, NOW);
        X509Certificate old =
                TestTokens.certificate("evil", EVIL, "root", ROOT.getPrivate(), false, NOW.minus(Duration.ofDays(9)));
        X509Certificate weak =
                TestTokens.certificate("weak", TestTokens.keys("RSA-1024"), "root", ROOT.getPrivate(), false, NOW);
        all.add(chain("`x5c` with a certificate signed by itself", "UNKNOWN_KEY", EVIL, self));
        all.add(chain("`x5c` under a root of the same name", "UNKNOWN_KEY", EVIL, below, self));
        all.add(chain("`x5c` with the real root behind it", "UNKNOWN_KEY", EVIL, below, ROOT_CERTIFICATE));
        all.add(chain(
                "`x5c` under a real certificate that is no authority", "UNKNOWN_KEY", EVIL, byLeaf, LEAF_CERTIFICATE));
        all.add(chain("`x5c` that has expired", "UNKNOWN_KEY", EVIL, old));
        all.add(chain("`x5c` with an RSA key of 1024 bits", "UNKNOWN_KEY", EVIL, weak));
        all.add(chain("`x5c` that is real, signed with another key", "SIGNATURE", EVIL, LEAF_CERTIFICATE));
        all.add(chain(
                "`x5c` longer than any chain", "UNKNOWN_KEY", EVIL, LEAF_CERTIFICATE, self, self, self, self, self));
        all.add(evil("chain", "`x5c` that is no certificate", "UNKNOWN_KEY", "\"x5c\":[\"AAAA\"]"));
        all.add(evil("chain", "`x5c` that is empty", "UNKNOWN_KEY", "\"x5c\":[]"));
    }

    private static void signatures(List<Attack> all) {
        String good = signed(claims -> {});
        String input = good.substring(0, good.lastIndexOf('.'));
        String ec = token(header("ES256", kid(P256)), claimsText(), "ES256", P256.getPrivate());
        String ecInput = ec.substring(0, ec.lastIndexOf('.'));
        all.add(new Attack("signature", "none though `alg` is RS256", "MALFORMED", input + "."));
        all.add(new Attack("signature", "all zero, RS256", "SIGNATURE", input + "." + base64(new byte[256])));
        all.add(new Attack(
                "signature", "all zero, ES256 (CVE-2022-21449)", "SIGNATURE", ecInput + "." + base64(new byte[64])));
        all.add(new Attack(
                "signature",
                "all zero, EdDSA",
                "SIGNATURE",
                token(header("EdDSA", kid(ED)), claimsText(), "EdDSA", ED.getPrivate())
                        .replaceFirst("[^.]*$", base64(new byte[64]))));
        all.add(new Attack("signature", "one byte long", "SIGNATURE", ecInput + "." + base64(new byte[1])));
        all.add(new Attack("signature", "cut short", "SIGNATURE", good.substring(0, good.length() - 8)));
        all.add(new Attack(
                "signature",
                "of another token",
                "SIGNATURE",
                signed(claims -> claims.put("sub", "admin"))
                        .replaceFirst("[^.]*$", good.substring(good.lastIndexOf('.') + 1))));
        all.add(new Attack(
                "signature",
                "right, header replaced",
                "SIGNATURE",
                base64(header("PS256", kid(RSA))) + good.substring(good.indexOf('.'))));
    }
}
