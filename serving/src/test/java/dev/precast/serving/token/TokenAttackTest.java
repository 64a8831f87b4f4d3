package dev.precast.serving.token;

import static dev.precast.serving.support.TestTokens.access;
import static dev.precast.serving.support.TestTokens.header;
import static dev.precast.serving.support.TestTokens.token;
import static dev.precast.serving.token.TokenForge.CANARY;
import static dev.precast.serving.token.TokenForge.ED;
import static dev.precast.serving.token.TokenForge.ENCRYPTION;
import static dev.precast.serving.token.TokenForge.ISSUER;
import static dev.precast.serving.token.TokenForge.LEAF;
import static dev.precast.serving.token.TokenForge.LEAF_CERTIFICATE;
import static dev.precast.serving.token.TokenForge.NOW;
import static dev.precast.serving.token.TokenForge.P256;
import static dev.precast.serving.token.TokenForge.P384;
import static dev.precast.serving.token.TokenForge.P521;
import static dev.precast.serving.token.TokenForge.PINNED;
import static dev.precast.serving.token.TokenForge.REPOSITORY;
import static dev.precast.serving.token.TokenForge.ROOT_CERTIFICATE;
import static dev.precast.serving.token.TokenForge.RSA;
import static dev.precast.serving.token.TokenForge.SCOPE;
import static dev.precast.serving.token.TokenForge.SERVICE;
import static dev.precast.serving.token.TokenForge.chain;
import static dev.precast.serving.token.TokenForge.claimsText;
import static dev.precast.serving.token.TokenForge.kid;
import static dev.precast.serving.token.TokenForge.signed;
import static dev.precast.serving.token.TokenForge.thumbprint;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.precast.serving.auth.Credential;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.TestTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
        authoriser = new TokenAuthoriser(config, clock, nanos::get, new SecureRandom(), new ServingMetrics(meters));
        authoriser.start();
    }

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return Objects.requireNonNull(now.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

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

    @Test
    void remembered_isWhatWasChecked_untilTheKeysAreToBeLookedAt() {
        Credential right = bearer(signed(claims -> {}));
        Credential wrong = bearer("x.y.z");
        assertThat(authoriser.remembered(REPOSITORY, right)).isEmpty();
        assertThat(challenge(
                        authoriser.remembered(REPOSITORY, Credential.ANONYMOUS).orElseThrow()))
                .isEqualTo(challenge(authoriser.read(REPOSITORY, Credential.ANONYMOUS)));
        authoriser.read(REPOSITORY, right);
        authoriser.read(REPOSITORY, wrong);
        assertThat(authoriser.remembered(REPOSITORY, right)).contains(Ruling.Plain.ALLOWED);
        assertThat(challenge(authoriser.remembered("team/other", right).orElseThrow()))
                .isEqualTo(challenge(authoriser.read("team/other", right)));
        assertThat(authoriser.remembered(REPOSITORY, wrong)).isEmpty();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(authoriser.remembered(REPOSITORY, right)).isEmpty();
        authoriser.read(REPOSITORY, right);
        assertThat(authoriser.remembered(REPOSITORY, right)).contains(Ruling.Plain.ALLOWED);
    }

    @Test
    void remembered_expiresWithTheToken() {
        Credential right = bearer(signed(claims -> {}));
        authoriser.read(REPOSITORY, right);
        now.set(NOW.plusSeconds(361));
        assertThat(authoriser.remembered(REPOSITORY, right).orElseThrow().allowed())
                .isFalse();
    }

    private static List<Attack> attacks() throws Exception {
        List<Attack> all = new ArrayList<>();
        KeyAttacks.addTo(all);
        ClaimAttacks.addTo(all);
        FormAttacks.addTo(all);
        return all;
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

    private static Credential bearer(String token) {
        return new Credential(Optional.of("Bearer " + token));
    }

    private static List<String> challenge(Ruling ruling) {
        return ((Ruling.Refused) ruling).headers().all("www-authenticate");
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
