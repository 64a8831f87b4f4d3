package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.access;
import static dev.precast.serving.support.TestTokens.base64;
import static dev.precast.serving.support.TestTokens.header;
import static dev.precast.serving.support.TestTokens.token;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.TestTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tokens that were tried on registries before, and some that were not: every one is refused in the same words, and one right token
 * for each algorithm and way of naming a key is accepted. The table in {@code docs/security/TOKENS.md} is made of them:
 * {@code mvn -pl serving -am test -Dtest=TokenAttackTest -Dsurefire.failIfNoSpecifiedTests=false -Dupdate.docs=true}.
 */
class TokenAttackTest {
    private static final Path PAGE = Path.of("..", "docs", "security", "TOKENS.md");
    private static final String ISSUER = "auth.example";
    private static final String SERVICE = "registry.example";
    private static final String REPOSITORY = "team/app";
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final String SCOPE = "scope";

    /** @param fault name of the {@link TokenFault}, or {@link #SCOPE} for a token that is right and does not grant it */
    private record Attack(String family, String name, String fault, String token) {}

    /** Where headers say that keys are. */
    private static final FakeUpstream CANARY = new FakeUpstream();

    private static final KeyPair RSA = TestTokens.keys("RSA");
    private static final KeyPair P256 = TestTokens.keys("P-256");
    private static final KeyPair P384 = TestTokens.keys("P-384");
    private static final KeyPair P521 = TestTokens.keys("P-521");
    private static final KeyPair ED = TestTokens.keys("Ed25519");
    private static final KeyPair EVIL = TestTokens.keys("RSA");
    private static final KeyPair EVIL_EC = TestTokens.keys("P-256");
    private static final KeyPair PINNED = TestTokens.keys("RSA");
    private static final KeyPair ENCRYPTION = TestTokens.keys("RSA");
    private static final KeyPair ROOT = TestTokens.keys("P-256");
    private static final KeyPair LEAF = TestTokens.keys("P-256");
    private static final X509Certificate ROOT_CERTIFICATE =
            TestTokens.certificate("root", ROOT, "root", ROOT.getPrivate(), true, NOW);
    private static final X509Certificate LEAF_CERTIFICATE =
            TestTokens.certificate("leaf", LEAF, "root", ROOT.getPrivate(), false, NOW);

    @TempDir
    private Path folder;

    private TokenAuthoriser authoriser;

    @BeforeEach
    void start() throws Exception {
        StringBuilder pem = new StringBuilder();
        for (KeyPair keys : List.of(RSA, P256, P384, P521, ED)) {
            pem.append(TestTokens.pem("PUBLIC KEY", keys.getPublic().getEncoded()));
        }
        RSAKey pinned = new RSAKey.Builder((RSAPublicKey) PINNED.getPublic())
                .keyID("pinned")
                .algorithm(com.nimbusds.jose.JWSAlgorithm.RS256)
                .build();
        RSAKey encryption = new RSAKey.Builder((RSAPublicKey) ENCRYPTION.getPublic())
                .keyID("encryption")
                .keyUse(KeyUse.ENCRYPTION)
                .build();
        Path pemFile = Files.writeString(folder.resolve("keys.pem"), pem);
        Path jwks = Files.writeString(folder.resolve("keys.jwks"), new JWKSet(List.of(pinned, encryption)).toString());
        Path roots = Files.writeString(
                folder.resolve("roots.pem"), TestTokens.pem("CERTIFICATE", ROOT_CERTIFICATE.getEncoded()));
        TokenConfig config = new TokenConfig(
                URI.create("https://auth.example/token"),
                SERVICE,
                ISSUER,
                List.of(pemFile, jwks),
                List.of(roots),
                Set.copyOf(TokenConfig.ALGORITHMS),
                Duration.ofMinutes(61));
        authoriser = new TokenAuthoriser(
                config,
                Clock.fixed(NOW, ZoneOffset.UTC),
                System::nanoTime,
                new SecureRandom(),
                new ServingMetrics(meters));
        authoriser.start();
    }

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AfterAll
    static void close() {
        CANARY.close();
    }

    @Test
    void attacks_allRefusedInTheSameWords() throws Exception {
        List<Attack> attacks = attacks();
        for (Attack attack : attacks) {
            meters.clear();
            Ruling ruling = authoriser.read(REPOSITORY, bearer(attack.token()));
            assertThat(ruling).as(attack.name()).isInstanceOf(Ruling.Refused.class);
            Ruling.Refused refused = (Ruling.Refused) ruling;
            assertThat(refused.error().status()).isEqualTo(401);
            assertThat(refused.error().body()).isEqualTo(words(authoriser.read(REPOSITORY, Credential.ANONYMOUS)));
            String error = attack.fault().equals(SCOPE) ? "insufficient_scope" : "invalid_token";
            assertThat(refused.headers().all("www-authenticate"))
                    .as(attack.name())
                    .containsExactly("Bearer realm=\"https://auth.example/token\",service=\"registry.example\","
                            + "scope=\"repository:team/app:pull\",error=\"" + error + "\"");
            if (!attack.fault().equals(SCOPE)) {
                assertThat(meters.get("precast.serving.authorisations")
                                .counter()
                                .getId()
                                .getTag("verdict"))
                        .as(attack.name())
                        .isEqualTo("token-"
                                + attack.fault()
                                        .toLowerCase(java.util.Locale.ROOT)
                                        .replace('_', '-'));
            }
        }
        assertThat(CANARY.asked()).as("addresses in headers").isEmpty();
        assertThat(attacks).extracting(Attack::name).doesNotHaveDuplicates();
        Map<String, String> right = right();
        right.forEach((name, token) ->
                assertThat(authoriser.read(REPOSITORY, bearer(token))).as(name).isEqualTo(Ruling.Plain.ALLOWED));
        check(page(attacks, right));
    }

    @Test
    void rightToken_isForItsRepositoryOnly() {
        Credential right = bearer(signed(claims -> {}));
        assertThat(authoriser.read(REPOSITORY, right)).isEqualTo(Ruling.Plain.ALLOWED);
        assertThat(authoriser.enter(right)).isEqualTo(Ruling.Plain.ALLOWED);
        for (String other : List.of("team/other", "team/app2", "team", "team/app/sub", "app")) {
            assertThat(authoriser.read(other, right).allowed()).as(other).isFalse();
        }
        assertThat(authoriser.list(right).allowed()).isFalse();
        Credential all = bearer(signed(claims -> access(claims, "registry", "catalog", "*")));
        assertThat(authoriser.list(all)).isEqualTo(Ruling.Plain.ALLOWED);
    }

    private static List<Attack> attacks() throws Exception {
        List<Attack> all = new ArrayList<>();
        algorithms(all);
        keys(all);
        chains(all);
        signatures(all);
        times(all);
        claims(all);
        scopes(all);
        forms(all);
        return all;
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

    private static void times(List<Attack> all) {
        long now = NOW.getEpochSecond();
        all.add(bad("time", "expired an hour ago", "EXPIRED", c -> c.put("exp", now - 3600)));
        all.add(bad("time", "expired 60 s ago, the leeway used up", "EXPIRED", c -> c.put("exp", now - 60)));
        all.add(bad("time", "no `exp`", "EXPIRED", c -> c.remove("exp")));
        all.add(bad("time", "`exp` null", "EXPIRED", c -> c.putNull("exp")));
        all.add(bad("time", "`exp` as text", "EXPIRED", c -> c.put("exp", Long.toString(now + 300))));
        all.add(bad("time", "`exp` with a fraction", "EXPIRED", c -> c.put("exp", now + 300.5)));
        all.add(bad("time", "`exp` negative", "EXPIRED", c -> c.put("exp", -1)));
        all.add(bad("time", "`exp` beyond the year 9999", "EXPIRED", c -> c.put("exp", Long.MAX_VALUE)));
        all.add(raw(
                "time",
                "`exp` of a hundred digits",
                "EXPIRED",
                claimsText().replaceFirst("\"exp\":\\d+", "\"exp\":1" + "0".repeat(99))));
        all.add(raw(
                "time",
                "`exp` as 1e999999999",
                "EXPIRED",
                claimsText().replaceFirst("\"exp\":\\d+", "\"exp\":1e999999999")));
        all.add(bad("time", "valid from in two minutes (`nbf`)", "NOT_YET", c -> c.put("nbf", now + 120)));
        all.add(bad("time", "issued in two minutes (`iat`)", "NOT_YET", c -> c.put("iat", now + 120)));
        all.add(bad("time", "`nbf` as text", "NOT_YET", c -> c.put("nbf", "0")));
        all.add(bad("time", "valid for a year", "LIFETIME", c -> c.put("exp", now + 31_536_000)));
        all.add(bad(
                "time",
                "valid for two hours, one of them gone",
                "LIFETIME",
                c -> c.put("iat", now - 3600).put("exp", now + 3600)));
    }

    private static void claims(List<Attack> all) {
        all.add(bad("issuer", "another issuer", "ISSUER", c -> c.put("iss", "evil.example")));
        all.add(bad("issuer", "no issuer", "ISSUER", c -> c.remove("iss")));
        all.add(bad("issuer", "the issuer with a slash", "ISSUER", c -> c.put("iss", ISSUER + "/")));
        all.add(bad("issuer", "the issuer in capitals", "ISSUER", c -> c.put("iss", "AUTH.EXAMPLE")));
        all.add(bad(
                "issuer",
                "a list with the issuer",
                "ISSUER",
                c -> c.putArray("iss").add(ISSUER)));
        all.add(bad("audience", "another audience", "AUDIENCE", c -> c.put("aud", "other.example")));
        all.add(bad("audience", "no audience", "AUDIENCE", c -> c.remove("aud")));
        all.add(bad(
                "audience",
                "a list of other audiences",
                "AUDIENCE",
                c -> c.putArray("aud").add("a").add("b")));
        all.add(bad("audience", "an empty list", "AUDIENCE", c -> c.putArray("aud")));
        all.add(bad("audience", "an audience that starts the same", "AUDIENCE", c -> c.put("aud", SERVICE + ".evil")));
        all.add(raw("claims", "`exp` twice", "MALFORMED", claimsText().replaceFirst("\\{", "{\"exp\":99999999999,")));
        all.add(raw(
                "claims", "`iss` twice", "MALFORMED", claimsText().replaceFirst("\\{", "{\"iss\":\"auth.example\",")));
        all.add(raw(
                "claims",
                "`EXP` beside `exp`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"EXP\":99999999999,")));
        all.add(raw(
                "claims",
                "`iſs` (U+017F) beside `iss`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"i\u017fs\":\"x\",")));
        all.add(raw(
                "claims",
                "`Access` beside `access`",
                "MALFORMED",
                claimsText().replaceFirst("\\{", "{\"Access\":[],")));
        all.add(bad(
                "claims",
                "`access` an object",
                "ACCESS",
                c -> c.putObject("access").put("type", "repository")));
        all.add(bad(
                "claims",
                "`access` with a text inside",
                "ACCESS",
                c -> c.putArray("access").add("repository:team/app:pull")));
        all.add(bad(
                "claims",
                "`actions` a text",
                "ACCESS",
                c -> c.putArray("access")
                        .addObject()
                        .put("type", "repository")
                        .put("name", REPOSITORY)
                        .put("actions", "pull")));
        all.add(bad(
                "claims",
                "`TYPE` beside `type`",
                "ACCESS",
                c -> ((ObjectNode) c.path("access").get(0)).put("TYPE", "repository")));
    }

    private static void scopes(List<Attack> all) {
        all.add(scope("no access at all", c -> {}));
        all.add(scope("another repository", c -> access(c, "repository", "team/other", "pull")));
        all.add(scope("the repository's parent", c -> access(c, "repository", "team", "pull")));
        all.add(scope("the repository with a slash", c -> access(c, "repository", "team/app/", "pull")));
        all.add(scope("the repository in capitals", c -> access(c, "repository", "TEAM/APP", "pull")));
        all.add(scope("a star for the repository", c -> access(c, "repository", "*", "pull")));
        all.add(scope("a pattern for the repository", c -> access(c, "repository", "team/*", "pull")));
        all.add(scope("push only", c -> access(c, "repository", REPOSITORY, "push")));
        all.add(scope("a star for the action", c -> access(c, "repository", REPOSITORY, "*")));
        all.add(scope("actions in one text", c -> access(c, "repository", REPOSITORY, "push,pull")));
        all.add(scope("PULL", c -> access(c, "repository", REPOSITORY, "PULL")));
        all.add(scope("no action", c -> access(c, "repository", REPOSITORY)));
        all.add(scope("the type of plugins", c -> access(c, "repository(plugin)", REPOSITORY, "pull")));
        all.add(scope("the type in capitals", c -> access(c, "Repository", REPOSITORY, "pull")));
        all.add(scope("the catalog", c -> access(c, "registry", "catalog", "*")));
    }

    private static void forms(List<Attack> all) throws Exception {
        String good = signed(claims -> {});
        String kid = kid(RSA);
        all.add(new Attack(
                "form",
                "`crit` with an extension",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"crit\":[\"x\"],\"x\":1}")));
        all.add(new Attack(
                "form",
                "`crit` with `exp`",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"crit\":[\"exp\"],\"exp\":1}")));
        all.add(new Attack(
                "form",
                "`b64` false",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"b64\":false,\"crit\":[\"b64\"]}")));
        all.add(new Attack(
                "form",
                "`typ` JWE",
                "HEADER",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"" + kid + "\",\"typ\":\"JWE\"}")));
        all.add(new Attack(
                "form",
                "`alg` twice",
                "MALFORMED",
                withHeader("{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack(
                "form",
                "`kid` twice",
                "MALFORMED",
                withHeader("{\"alg\":\"RS256\",\"kid\":\"x\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack(
                "form",
                "`ALG` beside `alg`",
                "MALFORMED",
                withHeader("{\"alg\":\"RS256\",\"ALG\":\"none\",\"kid\":\"" + kid + "\"}")));
        all.add(new Attack("form", "1 MiB long", "TOO_LONG", good + "A".repeat(1 << 20)));
        all.add(new Attack(
                "form",
                "a header of 16 KiB",
                "TOO_LONG",
                withHeader("{\"alg\":\"RS256\",\"x\":\"" + "a".repeat(16 << 10) + "\"}")));
        all.add(raw("form", "claims nested 10,000 deep", "MALFORMED", "[".repeat(10_000)));
        all.add(raw("form", "claims nested 65 deep", "MALFORMED", "{\"a\":" + "[".repeat(65) + "]".repeat(65) + "}"));
        all.add(new Attack(
                "form", "header nested 5,000 deep", "MALFORMED", base64("{\"alg\":" + "[".repeat(5_000)) + ".e30.AA"));
        all.add(raw("form", "claims that are a list", "MALFORMED", "[1]"));
        all.add(raw("form", "claims with a byte-order mark", "MALFORMED", "\uFEFF" + claimsText()));
        all.add(raw("form", "claims followed by more", "MALFORMED", claimsText() + "{}"));
        all.add(new Attack(
                "form",
                "claims that are not UTF-8",
                "MALFORMED",
                base64(header("RS256", kid)) + "." + base64(new byte[] {'{', (byte) 0xFF, '}'}) + ".AA"));
        all.add(new Attack("form", "two parts", "MALFORMED", good.substring(0, good.lastIndexOf('.'))));
        all.add(new Attack("form", "four parts", "MALFORMED", good + ".AA"));
        all.add(new Attack(
                "form", "five parts, as encrypted tokens have", "MALFORMED", "eyJhbGciOiJkaXIifQ..AA.AA.AA"));
        all.add(new Attack("form", "the JSON form of a JWS", "MALFORMED", "{\"payload\":\"e30\",\"signatures\":[]}"));
        all.add(new Attack("form", "padding", "MALFORMED", good + "=="));
        all.add(new Attack("form", "a blank within", "MALFORMED", good.replaceFirst("\\.", ". ")));
        all.add(new Attack("form", "dots only", "MALFORMED", ".."));
        all.add(new Attack("form", "nothing", "MALFORMED", ""));
    }

    private static Map<String, String> right() throws Exception {
        Map<String, String> right = new LinkedHashMap<>();
        for (String algorithm : List.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")) {
            right.put(algorithm, token(header(algorithm, kid(RSA)), claimsText(), algorithm, RSA.getPrivate()));
        }
        right.put("ES256", token(header("ES256", kid(P256)), claimsText(), "ES256", P256.getPrivate()));
        right.put("ES384", token(header("ES384", kid(P384)), claimsText(), "ES384", P384.getPrivate()));
        right.put("ES512", token(header("ES512", kid(P521)), claimsText(), "ES512", P521.getPrivate()));
        right.put("EdDSA", token(header("EdDSA", kid(ED)), claimsText(), "EdDSA", ED.getPrivate()));
        right.put(
                "key id: RFC 7638 thumbprint",
                token(header("RS256", thumbprint()), claimsText(), "RS256", RSA.getPrivate()));
        right.put("key id: of a JWK set", token(header("RS256", "pinned"), claimsText(), "RS256", PINNED.getPrivate()));
        right.put(
                "`x5c` below a configured root",
                chain("", "", LEAF, LEAF_CERTIFICATE).token());
        right.put(
                "`x5c` with its root",
                chain("", "", LEAF, LEAF_CERTIFICATE, ROOT_CERTIFICATE).token());
        right.put(
                "audience in a list", signed(c -> c.putArray("aud").add("other").add(SERVICE)));
        right.put("without `nbf` and `iat`", signed(c -> c.remove(List.of("nbf", "iat"))));
        right.put("expired 59 s ago", signed(c -> c.put("exp", NOW.getEpochSecond() - 59)));
        right.put("several repositories", signed(c -> access(c, "repository", "team/other", "push", "pull")));
        return right;
    }

    // How tokens are made.

    private static Attack bad(String family, String name, String fault, Consumer<ObjectNode> spoil) {
        return new Attack(family, name, fault, signed(spoil));
    }

    private static Attack raw(String family, String name, String fault, String claims) {
        return new Attack(family, name, fault, token(header("RS256", kid(RSA)), claims, "RS256", RSA.getPrivate()));
    }

    private static Attack scope(String name, Consumer<ObjectNode> grant) {
        return bad("scope", name, SCOPE, claims -> {
            claims.putArray("access");
            grant.accept(claims);
        });
    }

    /** Signed by a key that nobody trusts. */
    private static Attack evil(String family, String name, String fault, String headerMembers) {
        String header = "{\"alg\":\"RS256\"," + headerMembers + "}";
        return new Attack(family, name, fault, token(header, claimsText(), "RS256", EVIL.getPrivate()));
    }

    private static Attack chain(String name, String fault, KeyPair signer, X509Certificate... chain) throws Exception {
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

    private static Attack hmac(String name, byte[] secret) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        String input = base64(header("HS256", kid(RSA))) + "." + base64(claimsText());
        byte[] tag = mac.doFinal(input.getBytes(StandardCharsets.US_ASCII));
        return new Attack("algorithm", name, "ALGORITHM", input + "." + base64(tag));
    }

    private static String signed(Consumer<ObjectNode> change) {
        ObjectNode claims = TestTokens.claims(ISSUER, SERVICE, NOW, REPOSITORY);
        change.accept(claims);
        return token(header("RS256", kid(RSA)), claims.toString(), "RS256", RSA.getPrivate());
    }

    private static String withHeader(String header) {
        return token(header, claimsText(), "RS256", RSA.getPrivate());
    }

    private static String unsigned(String header) {
        return base64(header) + "." + base64(claimsText()) + ".";
    }

    private static String claimsText() {
        return TestTokens.claims(ISSUER, SERVICE, NOW, REPOSITORY).toString();
    }

    private static String kid(KeyPair keys) {
        return KeyIds.libtrust(keys.getPublic());
    }

    private static String thumbprint() throws Exception {
        return new RSAKey.Builder((RSAPublicKey) RSA.getPublic())
                .build()
                .computeThumbprint()
                .toString();
    }

    private static Credential bearer(String token) {
        return new Credential(Optional.of("Bearer " + token));
    }

    private static byte[] words(Ruling ruling) {
        return ((Ruling.Refused) ruling).error().body();
    }

    // The page.

    private static void check(String page) throws Exception {
        if (Boolean.getBoolean("update.docs")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE).content().isEqualTo(page);
    }

    private static String page(List<Attack> attacks, Map<String, String> right) {
        StringBuilder page = new StringBuilder("""
                # Tokens that are refused

                What mode `token` was tried with. Each of these was refused with 401, the same body, and a challenge that names nothing but
                the configured realm and service, the repository asked for, and `invalid_token` or, for a sound token that does not
                grant it, `insufficient_scope`. The last column is what `precast_serving_authorisations_total` counts it as. No
                address that stands in a token was asked.

                <!-- Made by TokenAttackTest, which says how. -->

                """);
        page.append(attacks.size()).append(" attacks, 0 accepted.\n\n| kind | token | counted as |\n|---|---|---|\n");
        attacks.forEach(attack -> page.append("| ")
                .append(attack.family())
                .append(" | ")
                .append(attack.name())
                .append(" | ")
                .append(
                        attack.fault().equals(SCOPE)
                                ? "not counted: `insufficient_scope`"
                                : "`token-"
                                        + attack.fault()
                                                .toLowerCase(java.util.Locale.ROOT)
                                                .replace('_', '-') + "`")
                .append(" |\n"));
        page.append("\n## Accepted\n\nSo that the table above cannot come from refusing everything:\n\n");
        right.keySet().forEach(name -> page.append("- ").append(name).append('\n'));
        return page.toString();
    }
}
