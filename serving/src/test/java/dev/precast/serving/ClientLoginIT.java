package dev.precast.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TestTokens;
import dev.precast.serving.support.TokenUpstream;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.client.DockerClient;
import dev.precast.testkit.client.DockerClient.Generation;
import dev.precast.testkit.client.DockerClient.Pulled;
import dev.precast.testkit.client.RegistryLogin.Account;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Every generation of Docker, and containerd, pull as nobody and after a login, whoever it is that decides about them. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientLoginIT {
    private static final byte[] LAYER = "a layer".getBytes(UTF_8);
    private static final byte[] CONFIG = "{\"a\":\"config\"}".getBytes(UTF_8);
    private static final byte[] MANIFEST = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2
                    + "\",\"config\":" + descriptor(CONFIG) + ",\"layers\":[" + descriptor(LAYER) + "]}")
            .getBytes(UTF_8);
    private static final Account MEMBER = new Account("member", "secret");
    private static final Optional<Account> NOBODY = Optional.empty();
    private static final String PUBLIC = "public/pulled";
    private static final String PRIVATE = "private/pulled";

    private final TokenUpstream upstream = new TokenUpstream();
    private final FakeUpstream realm = new FakeUpstream();
    private KafkaConfig kafka;
    private VariantTopic topic;

    @BeforeAll
    void publish(KafkaConfig kafka) {
        this.kafka = kafka;
        topic = new VariantTopic(kafka);
        for (String repository : List.of(PUBLIC, PRIVATE)) {
            upstream.image(repository, MANIFEST, List.of(CONFIG, LAYER));
            topic.enable(repository);
            VariantManifest built = Images.schema1(repository, "v1", Digest.sha256(LAYER));
            topic.publish(1, built);
            topic.publish(1, Images.offers(repository, "v1", 1, MediaTypes.SCHEMA2, built));
        }
    }

    @AfterAll
    void close() {
        topic.close();
        upstream.close();
        realm.close();
    }

    @Test
    void upstreamDecides_clientsBuyTheirTokensThere(@TempDir Path data) {
        try (Serving serving = start(data)) {
            awaitView(serving, TokenUpstream.token(Optional.empty(), PUBLIC));
            for (Generation generation : Generation.values()) {
                pulled(serving, generation, PUBLIC, NOBODY);
                pulled(serving, generation, PRIVATE, Optional.of(MEMBER));
                assertThatThrownBy(() -> pull(serving, generation, PRIVATE, NOBODY))
                        .as("%s", generation)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("401");
            }
        }
    }

    /** The registry's own affair: its realm has to send the field that old Dockers read. */
    @Test
    void upstreamDecides_realmThatSendsOnlyAccessToken(@TempDir Path data) {
        try (Serving serving = start(data)) {
            awaitView(serving, TokenUpstream.token(Optional.empty(), PUBLIC));
            upstream.tokensAre("access_token");
            for (Generation generation : List.of(Generation.DOCKER_1_6, Generation.DOCKER_1_9)) {
                assertThatThrownBy(() -> pull(serving, generation, PUBLIC, NOBODY))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("did not include a token");
            }
            for (Generation generation :
                    List.of(Generation.DOCKER_1_13, Generation.DOCKER_20_10, Generation.CONTAINERD)) {
                pulled(serving, generation, PUBLIC, NOBODY);
            }
        } finally {
            upstream.tokensAre("token");
        }
    }

    @Test
    void tokenDecides_clientsBringThoseOfItsRealm(@TempDir Path data) throws Exception {
        KeyPair keys = TestTokens.keys("P-256");
        ECKey key = new ECKey.Builder(Curve.P_256, (ECPublicKey) keys.getPublic())
                .keyID("one")
                .build();
        Path file = Files.writeString(data.resolve("keys.jwks"), new JWKSet(key).toString());
        realm.on("/token", exchange -> {
            String query = exchange.getRequestURI().getQuery();
            boolean member = MEMBER.basic().equals(exchange.getRequestHeaders().getFirst("Authorization"));
            String repository = query.replaceAll(".*scope=repository:([^:]*):pull.*", "$1");
            boolean may = member || repository.equals(PUBLIC);
            String token = token(keys, may ? repository : "no/thing");
            FakeUpstream.json(200, "{\"token\":\"" + token + "\"}").send(exchange);
        });
        String[] settings = {
            "serving.auth", "token",
            "serving.token.realm", realm.url() + "/token",
            "serving.token.service", "registry.test",
            "serving.token.issuer", "auth.test",
            "serving.token.keys", file.toString()
        };
        try (Serving serving = start(data.resolve("view"), withAccount(settings))) {
            awaitView(serving, "Bearer " + token(keys, PUBLIC));
            for (Generation generation : Generation.values()) {
                pulled(serving, generation, PUBLIC, NOBODY);
                pulled(serving, generation, PRIVATE, Optional.of(MEMBER));
                assertThatThrownBy(() -> pull(serving, generation, PRIVATE, NOBODY))
                        .as("%s", generation)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("401");
            }
        }
    }

    @Test
    void htpasswdDecides_clientsLogInWithBasic(@TempDir Path data) throws IOException {
        String hash = OpenBSDBCrypt.generate("2y", MEMBER.password().toCharArray(), new byte[16], 4);
        Path users = Files.writeString(data.resolve("users"), MEMBER.user() + ":" + hash + "\n");
        String[] settings = {"serving.auth", "htpasswd", "serving.htpasswd.file", users.toString()};
        try (Serving serving = start(data.resolve("view"), withAccount(settings))) {
            awaitView(serving, MEMBER.basic());
            for (Generation generation : Generation.values()) {
                pulled(serving, generation, PRIVATE, Optional.of(MEMBER));
                assertThatThrownBy(() -> pull(serving, generation, PUBLIC, NOBODY))
                        .as("%s", generation)
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("an account for Basic");
            }
        }
    }

    private static void pulled(Serving serving, Generation generation, String repository, Optional<Account> account) {
        Pulled pulled = pull(serving, generation, repository, account);
        boolean old = generation == Generation.DOCKER_1_6 || generation == Generation.DOCKER_1_9;
        assertThat(pulled.mediaType())
                .as("%s", generation)
                .isEqualTo(old ? MediaTypes.SCHEMA1_SIGNED : MediaTypes.SCHEMA2);
        assertThat(pulled.diffContents()).as("%s", generation).containsExactly(LAYER);
    }

    private static Pulled pull(Serving serving, Generation generation, String repository, Optional<Account> account) {
        URI server = URI.create("http://127.0.0.1:" + serving.app().address().getPort());
        return new DockerClient(server, generation, 1, account).pull(repository, "v1");
    }

    private Serving start(Path data, String... settings) {
        return Serving.start(kafka, upstream.fake().url(), data, settings).ready();
    }

    private static String[] withAccount(String... settings) {
        return Serving.plus(settings, "registry.username", MEMBER.user(), "registry.password", MEMBER.password());
    }

    /** Until what was published is there, to one who may read it. */
    private static void awaitView(Serving serving, String authorization) {
        Http http = serving.http();
        await().until(() -> http.get("/v2/" + PUBLIC + "/manifests/v1", "Authorization: " + authorization)
                .header("Precast-Origin")
                .orElse("")
                .startsWith("converted"));
    }

    private static String token(KeyPair keys, String repository) {
        String claims = TestTokens.claims("auth.test", "registry.test", Instant.now(), repository)
                .toString();
        return TestTokens.token(TestTokens.header("ES256", "one"), claims, "ES256", keys.getPrivate());
    }

    private static String descriptor(byte[] content) {
        return "{\"mediaType\":\"" + MediaTypes.OCTET_STREAM + "\",\"size\":" + content.length + ",\"digest\":\""
                + Digest.sha256(content) + "\"}";
    }
}
