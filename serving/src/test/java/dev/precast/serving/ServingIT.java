package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** From the topics to an old client, over HTTP. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServingIT {
    private static final String REPOSITORY = "library/hello";
    private static final String SCHEMA2 = "Accept: " + MediaTypes.SCHEMA2;

    private final VariantManifest schema1 = Images.schema1(REPOSITORY, "v1");
    private final FakeUpstream upstream =
            new FakeUpstream().readable(REPOSITORY).readable("off/app");
    private VariantTopic topic;
    private Serving serving;
    private Http http;

    @BeforeAll
    void start(KafkaConfig kafka, @TempDir Path data) {
        topic = new VariantTopic(kafka);
        topic.enable("library/*");
        topic.publish(10, schema1);
        topic.publish(10, Images.offers(REPOSITORY, "v1", 10, MediaTypes.SCHEMA2, schema1));
        serving = Serving.start(kafka, upstream.url(), data).ready();
        http = serving.http();
    }

    @AfterAll
    void stop() {
        serving.close();
        topic.close();
        upstream.close();
    }

    @Test
    void manifestByTag_oldClient() {
        Http.Response response = http.get("/v2/library/hello/manifests/v1");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(schema1.content());
        assertThat(response.header("Content-Type")).hasValue(MediaTypes.SCHEMA1_SIGNED);
        assertThat(response.header("Content-Length")).hasValue(Integer.toString(schema1.bytes().length));
        assertThat(response.header("Docker-Content-Digest"))
                .hasValue(schema1.digest().toString());
        assertThat(response.header("ETag")).hasValue("\"" + schema1.digest() + "\"");
        assertThat(response.header("Vary")).hasValue("Accept, Authorization");
        assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
        assertThat(response.header("Precast-Origin")).hasValue("converted; from=" + Images.ROOT);
        assertThat(response.headers()).doesNotContainKeys("server", "content-encoding");
    }

    @Test
    void manifestByTag_head() {
        Http.Response get = http.get("/v2/library/hello/manifests/v1");
        Http.Response head = http.head("/v2/library/hello/manifests/v1");
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers())
                .usingRecursiveComparison()
                .ignoringFields("date")
                .isEqualTo(get.headers());
    }

    @Test
    void manifestByDigest_converted() {
        Http.Response response =
                http.get("/v2/library/hello/manifests/" + schema1.digest(), "Accept: " + MediaTypes.OCI_INDEX);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(schema1.content());
        assertThat(http.get("/v2/library/hello/manifests/"
                                + schema1.digest().toString().replace(":", "%3A"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void manifestByDigest_ofAnotherRepository() {
        upstream.readable("library/other");
        assertThat(http.get("/v2/library/other/manifests/" + schema1.digest()).body())
                .contains("from upstream");
    }

    @Test
    void manifestByTag_notModified() {
        Http.Response response =
                http.get("/v2/library/hello/manifests/v1", "If-None-Match: \"x\", W/\"" + schema1.digest() + "\"");
        assertThat(response.status()).isEqualTo(304);
        assertThat(response.body()).isEmpty();
        assertThat(response.header("ETag")).hasValue("\"" + schema1.digest() + "\"");
        assertThat(response.header("Docker-Content-Digest"))
                .hasValue(schema1.digest().toString());
    }

    @Test
    void manifestByTag_newClientPassesThrough() {
        upstream.on(
                "/v2/library/hello/manifests/v1", FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}));
        Http.Response response = http.get("/v2/library/hello/manifests/v1", "Accept: text/plain", SCHEMA2);
        assertThat(response.body()).isEqualTo("{}");
        assertThat(response.header("Precast-Origin")).hasValue("upstream");
        assertThat(response.header("Vary")).hasValue("Accept, Authorization");
        assertThat(upstream.asked("/v2/library/hello/manifests/v1"))
                .last()
                .satisfies(asked ->
                        assertThat(asked.headers().get("Accept")).containsExactly("text/plain", MediaTypes.SCHEMA2));
    }

    @Test
    void storedSchema1_asItIs() {
        VariantManifest built = Images.schema1(REPOSITORY, "stored");
        VariantManifest stored =
                new VariantManifest(REPOSITORY, built.digest(), built.mediaType(), built.content(), null);
        topic.publish(15, stored);
        topic.publish(15, Images.offers(REPOSITORY, "stored", 15, MediaTypes.SCHEMA1_SIGNED, stored));
        eventually(() -> {
            Http.Response response = http.get("/v2/library/hello/manifests/stored", SCHEMA2);
            assertThat(response.body()).isEqualTo(stored.content());
            assertThat(response.header("Precast-Origin")).hasValue("stored");
        });
    }

    @Test
    void refusal_withItsReason() {
        Refusal refusal = new Refusal(RefusalReason.ZSTD_LAYER, "layer 2 of 3");
        topic.publish(
                16,
                new TagOffers(
                        REPOSITORY,
                        "zstd",
                        16,
                        Images.ROOT,
                        MediaTypes.OCI_MANIFEST,
                        Map.of(MediaTypes.SCHEMA1_SIGNED, Offer.refused(refusal)),
                        "test"));
        eventually(() -> {
            Http.Response response = http.get("/v2/library/hello/manifests/zstd");
            assertThat(response.status()).isEqualTo(404);
            assertThat(response.header("Vary")).hasValue("Accept, Authorization");
            assertThat(response.body())
                    .isEqualTo("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\","
                            + "\"detail\":{\"reason\":\"ZSTD_LAYER\",\"message\":\"layer 2 of 3\"}}]}\n");
            assertThat(http.head("/v2/library/hello/manifests/zstd").header("Content-Length"))
                    .isEqualTo(response.header("Content-Length"));
        });
    }

    @Test
    void wildcardBesideTypes_asksForTheStoredTypeByName() {
        topic.publish(17, Images.offers(REPOSITORY, "wild", 17, MediaTypes.OCI_INDEX, schema1));
        eventually(() -> {
            upstream.forget();
            http.get("/v2/library/hello/manifests/wild", "Accept: " + MediaTypes.OCI_MANIFEST + ", */*");
            assertThat(upstream.asked("/v2/library/hello/manifests/wild"))
                    .singleElement()
                    .satisfies(
                            asked -> assertThat(asked.headers().get("Accept")).contains(MediaTypes.OCI_INDEX));
        });
    }

    @Test
    void emptyLayer_onlyWhereConversionIsOn() {
        String on = "/v2/library/hello/blobs/" + Digest.EMPTY_LAYER;
        Http.Response get = http.get(on);
        assertThat(get.status()).isEqualTo(200);
        assertThat(get.body()).hasSize(32);
        assertThat(get.header("Content-Length")).hasValue("32");
        Http.Response head = http.head(on);
        assertThat(head.header("Content-Length")).hasValue("32");
        assertThat(head.body()).isEmpty();
        assertThat(http.get("/v2/off/app/blobs/" + Digest.EMPTY_LAYER).status()).isEqualTo(404);
    }

    @Test
    void ping_isTheUpstreams() {
        Http.Response response = http.get("/v2/");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
    }

    @Test
    void tagMoves_neverBackwards() {
        VariantManifest first = Images.schema1(REPOSITORY, "first");
        VariantManifest second = Images.schema1(REPOSITORY, "second");
        String path = "/v2/library/hello/manifests/moving";
        topic.publish(20, first);
        topic.publish(20, Images.offers(REPOSITORY, "moving", 20, MediaTypes.SCHEMA2, first));
        eventually(() -> assertThat(http.get(path).body()).isEqualTo(first.content()));
        topic.publish(30, second);
        topic.publish(30, Images.offers(REPOSITORY, "moving", 30, MediaTypes.SCHEMA2, second));
        eventually(() -> assertThat(http.get(path).body()).isEqualTo(second.content()));
        double outdated = serving.counter("precast.view.records.outdated");
        topic.publish(20, Images.offers(REPOSITORY, "moving", 20, MediaTypes.SCHEMA2, first));
        eventually(() ->
                assertThat(serving.counter("precast.view.records.outdated")).isGreaterThan(outdated));
        assertThat(http.get(path).body()).isEqualTo(second.content());
        topic.tombstone(40, "library/hello:moving");
        eventually(() -> assertThat(http.get(path).body()).contains("from upstream"));
        topic.publish(30, Images.offers(REPOSITORY, "moving", 30, MediaTypes.SCHEMA2, second));
        topic.publish(50, Images.offers(REPOSITORY, "later", 50, MediaTypes.SCHEMA2, second));
        eventually(
                () -> assertThat(http.get("/v2/library/hello/manifests/later").status())
                        .isEqualTo(200));
        assertThat(http.get(path).body()).contains("from upstream");
    }

    @Test
    void unreadableRecords_arePassedOver() {
        double skipped = serving.counter("precast.view.records.skipped");
        topic.variant("library/hello:broken", new byte[] {'n', 'o'}, 1);
        topic.variant("library/hello:noversion", new byte[] {'{', '}'}, -1);
        topic.variant("no key at all", new byte[] {'{', '}'}, 1);
        VariantManifest after = Images.schema1(REPOSITORY, "after");
        topic.publish(60, after);
        eventually(() -> assertThat(http.get("/v2/library/hello/manifests/" + after.digest())
                        .status())
                .isEqualTo(200));
        eventually(() ->
                assertThat(serving.counter("precast.view.records.skipped")).isEqualTo(skipped + 3));
        assertThat(serving.app().health().live()).isTrue();
    }

    @Test
    void switchedOff_passesThroughWhole() {
        VariantManifest manifest = Images.schema1("switch/app", "v1");
        upstream.readable("switch/app");
        topic.enable("switch/*");
        topic.publish(10, manifest);
        topic.publish(10, Images.offers("switch/app", "v1", 10, MediaTypes.SCHEMA2, manifest));
        eventually(() ->
                assertThat(http.get("/v2/switch/app/manifests/v1").status()).isEqualTo(200));
        topic.disable("switch/*");
        eventually(
                () -> assertThat(http.get("/v2/switch/app/manifests/v1").body()).contains("from upstream"));
        assertThat(http.get("/v2/switch/app/manifests/" + manifest.digest()).body())
                .contains("from upstream");
    }

    private static void eventually(org.awaitility.core.ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(assertion);
    }
}
