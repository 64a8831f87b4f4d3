package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TokenUpstream;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** In front of a registry that wants a token even for what is public, and gives one to anybody. */
@ExtendWith(KafkaExtension.class)
class TokenUpstreamIT {
    private static final String MODERN = "Accept: " + MediaTypes.SCHEMA2;
    private static final byte[] LAYER = {1, 2, 3};
    private static final Digest LAYER_DIGEST = Digest.sha256(LAYER);

    private final KafkaConfig kafka;
    private final VariantTopic topic;
    private final TokenUpstream upstream = new TokenUpstream();

    @TempDir
    Path data;

    TokenUpstreamIT(KafkaConfig kafka) {
        this.kafka = kafka;
        this.topic = new VariantTopic(kafka);
    }

    @BeforeEach
    void push() {
        for (String repository : List.of("public/app", "public/late", "private/app")) {
            upstream.repository(repository, LAYER, LAYER_DIGEST.toString());
        }
        topic.enable("public/*");
        topic.enable("private/*");
        publish("public/app");
        publish("private/app");
    }

    @AfterEach
    void close() {
        topic.close();
        upstream.close();
    }

    @Test
    void ownAccess_anonymousTokensAreBoughtOncePerRepository() {
        try (Serving serving = open()) {
            Http http = serving.http();
            everythingIsRead(http, "public/app");
            assertThat(upstream.purchases("public/app"))
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.headers()).doesNotContainKey("Authorization"));
            Http.Response hidden = http.get("/v2/private/app/manifests/v1", MODERN);
            assertThat(hidden.status()).isEqualTo(502);
            assertThat(hidden.headers()).doesNotContainKey("www-authenticate");
        }
    }

    @Test
    void ownAccess_blobThatTheRegistrySendsOnToItself() {
        upstream.movedBlob("public/app", LAYER_DIGEST.toString(), "/storage/x", LAYER);
        try (Serving serving = open()) {
            Http.Response blob = serving.http().get("/v2/public/app/blobs/" + LAYER_DIGEST);
            assertThat(blob.status()).isEqualTo(200);
            assertThat(blob.body()).isEqualTo("\1\2\3");
            assertThat(upstream.purchases("public/app")).hasSize(1);
        }
    }

    @Test
    void ownAccess_withAnAccountItBuysTheTokens() {
        try (Serving serving = open("registry.username", "member", "registry.password", "secret")) {
            everythingIsRead(serving.http(), "private/app");
            assertThat(upstream.purchases("private/app"))
                    .singleElement()
                    .satisfies(asked ->
                            assertThat(asked.headers().get("Authorization")).containsExactly(TokenUpstream.MEMBER));
        }
    }

    @Test
    void ownAccess_missingTagIsLookedForWithAToken() {
        try (Serving serving = open("serving.wait.ms", "1")) {
            Http.Response pending = serving.http().get("/v2/public/late/manifests/v1");
            assertThat(pending.status()).isEqualTo(404);
            assertThat(pending.body()).contains("\"reason\":\"PENDING\"");
            assertThat(upstream.purchases("public/late")).hasSize(1);
        }
    }

    /** As clients do: asked for a token by the upstream's own challenge, they buy one and bring it. */
    @Test
    void delegated_callersBringTheirTokens() {
        String byTag = "/v2/public/app/manifests/v1";
        try (Serving serving = start("serving.wait.ms", "1")) {
            Http http = serving.http();
            Http.Response challenge = http.get(byTag);
            assertThat(challenge.status()).isEqualTo(401);
            assertThat(challenge.header("WWW-Authenticate"))
                    .hasValueSatisfying(text -> assertThat(text)
                            .startsWith("Bearer realm=\"" + upstream.fake().url())
                            .contains("scope=\"repository:public/app:pull\""));
            assertThat(http.get("/v2/").header("WWW-Authenticate")).isPresent();
            String anonymous = bearer(Optional.empty(), "public/app");
            assertThat(http.get("/v2/", anonymous).status()).isEqualTo(200);
            everythingIsRead(http, "public/app", anonymous);
            assertThat(http.get("/v2/public/late/manifests/v1", bearer(Optional.empty(), "public/late"))
                            .body())
                    .contains("\"reason\":\"PENDING\"");
            assertThat(upstream.purchases("public/app")).isEmpty();
        }
    }

    @Test
    void delegated_whatIsPrivateIsForThoseWhoseTokenSaysSo() {
        String byTag = "/v2/private/app/manifests/v1";
        try (Serving serving = start()) {
            Http http = serving.http();
            everythingIsRead(http, "private/app", bearer(Optional.of(TokenUpstream.MEMBER), "private/app"));
            for (String other : List.of(
                    bearer(Optional.empty(), "private/app"),
                    bearer(Optional.empty(), "public/app"),
                    bearer(Optional.of(TokenUpstream.MEMBER), "private/other"),
                    "Authorization: " + TokenUpstream.MEMBER,
                    "X-Nothing: 1")) {
                assertThat(http.get(byTag, other).status()).as(other).isEqualTo(401);
                assertThat(http.get("/v2/private/app/blobs/" + Digest.EMPTY_LAYER, other)
                                .status())
                        .as(other)
                        .isEqualTo(401);
            }
        }
    }

    private void everythingIsRead(Http http, String repository, String... authorization) {
        String base = "/v2/" + repository;
        String own = authorization.length == 0 ? "X-Nothing: 1" : authorization[0];
        await().until(() -> http.get(base + "/manifests/v1", own)
                .body()
                .equals(Images.schema1(repository, "v1").content()));
        assertThat(http.get(base + "/manifests/v1", own, MODERN).body()).isEqualTo("{}");
        assertThat(http.get(base + "/blobs/" + LAYER_DIGEST, own).body()).isEqualTo("\1\2\3");
        assertThat(http.head(base + "/blobs/" + LAYER_DIGEST, own).header("Content-Length"))
                .hasValue("3");
        assertThat(http.get(base + "/tags/list", own).body()).contains("\"v1\"");
        assertThat(http.get(base + "/blobs/" + Digest.EMPTY_LAYER, own).status())
                .isEqualTo(200);
    }

    private Serving open(String... settings) {
        return start(Serving.plus(settings, "serving.auth", "open", "serving.open.repositories", "*"));
    }

    private Serving start(String... settings) {
        return Serving.start(kafka, upstream.fake().url(), data, settings).ready();
    }

    private static String bearer(Optional<String> buyer, String repository) {
        return "Authorization: " + TokenUpstream.token(buyer, repository);
    }

    private void publish(String repository) {
        VariantManifest built = Images.schema1(repository, "v1");
        topic.publish(1, built);
        topic.publish(1, Images.offers(repository, "v1", 1, MediaTypes.SCHEMA2, built));
    }
}
