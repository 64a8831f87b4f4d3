package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.serving.view.ViewReader;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What Precast holds is for those whom the upstream lets in; others see what the upstream shows them. */
@ExtendWith(KafkaExtension.class)
class AuthorisationIT {
    private static final String MEMBER = "Authorization: Basic member";
    private static final String STRANGER = "Authorization: Basic stranger";

    private final VariantManifest secret = Images.schema1("private/app", "v1");

    @Test
    void upstreamDecides(KafkaConfig kafka, @TempDir Path data) {
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(kafka, upstream.url(), data.resolve("view"))) {
            lock(upstream, "private/app");
            lock(upstream, "private/none");
            publish(topic);
            Http http = serving.ready().http();
            String byTag = "/v2/private/app/manifests/v1";
            awaitVariant(http, byTag);
            assertThat(http.get("/v2/", MEMBER).status()).isEqualTo(200);
            assertThat(http.get(byTag, MEMBER).body()).isEqualTo(secret.content());
            assertThat(http.get(byTag, MEMBER).header("Cache-Control")).hasValue("private");
            assertThat(http.get("/v2/private/app/manifests/" + secret.digest(), MEMBER)
                            .body())
                    .isEqualTo(secret.content());
            assertThat(http.get("/v2/private/app/blobs/" + Digest.EMPTY_LAYER, MEMBER)
                            .status())
                    .isEqualTo(200);
            strangersLearnNothing(http);
            upstream.goAway();
            assertThat(http.get(byTag, MEMBER).body()).isEqualTo(secret.content());
            assertThat(http.get("/v2/", MEMBER).status()).isEqualTo(200);
            assertThat(http.head("/v2/", MEMBER).status()).isEqualTo(200);
            assertThat(http.get("/v2/").status()).isEqualTo(503);
            assertThat(http.get(byTag, "Authorization: Basic never-seen").status())
                    .isEqualTo(503);
            assertThat(http.get("/v2/private/app/blobs/" + secret.digest(), MEMBER)
                            .status())
                    .isEqualTo(503);
        }
    }

    /** A repository full of variants and one that Precast knows nothing of have to look the same. */
    private void strangersLearnNothing(Http http) {
        for (String credential : List.of(STRANGER, "X-Nothing: 1")) {
            for (String method : List.of("GET", "HEAD")) {
                for (String rest : List.of(
                        "/manifests/v1",
                        "/manifests/" + secret.digest(),
                        "/manifests/nosuch",
                        "/blobs/" + Digest.EMPTY_LAYER,
                        "/tags/list")) {
                    Http.Response full = http.request(method, "/v2/private/app" + rest, credential);
                    Http.Response none = http.request(method, "/v2/private/none" + rest, credential);
                    assertThat(full.status()).as(rest).isEqualTo(401);
                    assertThat(full.body()).isEqualTo(none.body());
                    assertThat(withoutDate(full)).isEqualTo(withoutDate(none));
                }
            }
        }
    }

    @Test
    void upstreamFails_strangersDoNotLearnWhatIsConverted(KafkaConfig kafka, @TempDir Path data) {
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(kafka, upstream.url(), data)) {
            lock(upstream, "private/app");
            publish(topic);
            topic.off("private/none");
            Http http = serving.ready().http();
            awaitVariant(http, "/v2/private/app/manifests/v1");
            for (int status : List.of(429, 500)) {
                FakeUpstream.Reply failing = exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "7");
                    FakeUpstream.json(status, "{\"errors\":[]}").send(exchange);
                };
                reply(upstream, "private/app", failing);
                reply(upstream, "private/none", failing);
                assertThat(lookAlike(http)).containsOnly(status);
            }
            upstream.goAway();
            assertThat(lookAlike(http)).containsOnly(503);
        }
    }

    /** What a stranger is answered, which has to be the same for a converted repository and for one that is not. */
    private Set<Integer> lookAlike(Http http) {
        Set<Integer> statuses = new TreeSet<>();
        for (String method : List.of("GET", "HEAD")) {
            for (String rest :
                    List.of("/manifests/v1", "/manifests/" + secret.digest(), "/blobs/" + Digest.EMPTY_LAYER)) {
                Http.Response converted = http.request(method, "/v2/private/app" + rest, STRANGER);
                Http.Response other = http.request(method, "/v2/private/none" + rest, STRANGER);
                assertThat(converted.status()).as(rest).isEqualTo(other.status());
                assertThat(converted.body()).as(rest).isEqualTo(other.body());
                assertThat(withoutDate(converted)).as(rest).isEqualTo(withoutDate(other));
                statuses.add(converted.status());
            }
        }
        return statuses;
    }

    /** The converters' tombstones would come, but nobody is there to read them. */
    @Test
    void becomesPrivate_isClosedWithinThirtySeconds_thoughTheViewIsStale(KafkaConfig kafka, @TempDir Path data) {
        AtomicLong passed = new AtomicLong();
        ViewReader.Time time = new ViewReader.Time(Clock.systemUTC(), () -> System.nanoTime() + passed.get());
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(time, kafka, upstream.url(), data)) {
            upstream.readable("private/app");
            publish(topic);
            Http http = serving.ready().http();
            awaitVariant(http, "/v2/private/app/manifests/v1");
            serving.stopReading();
            List<String> held = List.of(
                    "/v2/private/app/manifests/v1",
                    "/v2/private/app/manifests/" + secret.digest(),
                    "/v2/private/app/blobs/" + Digest.EMPTY_LAYER);
            for (String path : held) {
                assertThat(http.get(path).status()).as(path).isEqualTo(200);
                assertThat(http.get(path, STRANGER).status()).as(path).isEqualTo(200);
            }
            lock(upstream, "private/app");
            passed.addAndGet(Duration.ofSeconds(30).toNanos());
            for (String path : held) {
                for (String credential : List.of("X-Nothing: 1", STRANGER)) {
                    for (String method : List.of("GET", "HEAD")) {
                        Http.Response closed = http.request(method, path, credential);
                        assertThat(closed.status()).as(path).isEqualTo(401);
                        assertThat(closed.header("WWW-Authenticate")).hasValue("Basic realm=\"upstream\"");
                        assertThat(closed.body()).doesNotContain("signatures");
                    }
                }
                assertThat(http.get(path, MEMBER).status()).as(path).isEqualTo(200);
            }
        }
    }

    @Test
    void open_nobodyIsAsked(KafkaConfig kafka, @TempDir Path data) {
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(
                        kafka,
                        upstream.url(),
                        data,
                        "serving.auth",
                        "open",
                        "serving.open.repositories",
                        "private/app")) {
            lock(upstream, "private/app");
            publish(topic);
            Http http = serving.ready().http();
            awaitVariant(http, "/v2/private/app/manifests/v1");
            assertThat(http.get("/v2/").status()).isEqualTo(200);
            upstream.forget();
            assertThat(http.get("/v2/private/app/manifests/v1").body()).isEqualTo(secret.content());
            assertThat(upstream.asked()).isEmpty();
            String referrers = "/referrers/" + Digest.EMPTY_LAYER;
            assertThat(http.get("/v2/private/other" + referrers).status()).isEqualTo(404);
            assertThat(upstream.asked()).isEmpty();
            http.get("/v2/private/app" + referrers, MEMBER);
            assertThat(upstream.asked("/v2/private/app" + referrers)).hasSize(1);
            upstream.forget();
            http.get("/v2/private/app/manifests/v1", MEMBER, "Accept: " + MediaTypes.SCHEMA2);
            assertThat(upstream.asked())
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.headers()).doesNotContainKey("Authorization"));
        }
    }

    private void publish(VariantTopic topic) {
        topic.enable("*");
        topic.publish(1, secret);
        topic.publish(1, Images.offers("private/app", "v1", 1, MediaTypes.SCHEMA2, secret));
    }

    private static void awaitVariant(Http http, String path) {
        await().untilAsserted(() -> assertThat(http.get(path, MEMBER).header("Precast-Origin"))
                .hasValueSatisfying(origin -> assertThat(origin).startsWith("converted")));
    }

    private static void lock(FakeUpstream upstream, String repository) {
        reply(upstream, repository, FakeUpstream.locked("Basic member", FakeUpstream.json(200, "{}")));
    }

    private static void reply(FakeUpstream upstream, String repository, FakeUpstream.Reply inner) {
        upstream.on("/v2/" + repository + "/tags/list", inner);
        for (String rest : List.of(
                "/manifests/v1",
                "/manifests/nosuch",
                "/manifests/" + Images.schema1("private/app", "v1").digest(),
                "/blobs/" + Digest.EMPTY_LAYER)) {
            upstream.on("/v2/" + repository + rest, inner);
        }
    }

    private static Map<String, List<String>> withoutDate(Http.Response response) {
        Map<String, List<String>> headers = new TreeMap<>(response.headers());
        headers.remove("date");
        return headers;
    }
}
