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
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a scrape shows of a day's work. */
@ExtendWith(KafkaExtension.class)
class MetricsIT {
    private static final String OLD = "User-Agent: docker/1.9.1 go/go1.4.3 kernel/4.1 os/linux arch/amd64";
    private static final String MODERN = "User-Agent: containerd/1.7.2";
    private static final String V1 = "/v2/seen/app/manifests/v1";
    private static final byte[] LAYER = {1, 2, 3};
    private static final String BLOB = "/v2/seen/app/blobs/" + Digest.sha256(LAYER);
    private static final String LOST = "/v2/seen/app/blobs/" + Digest.sha256(new byte[] {4});

    @Test
    void scrape_showsEachThing(KafkaConfig kafka, @TempDir Path data) {
        VariantManifest built = Images.schema1("seen/app", "v1");
        // On a disk that is nearly full nothing is kept in the file.
        String[] settings = {
            "serving.wait.ms", "1", "serving.disk.alert.percent", "100", "serving.disk.stop.percent", "100"
        };
        try (FakeUpstream upstream = new FakeUpstream().readable("seen/app");
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(kafka, upstream.url(), data, settings)) {
            FakeUpstream.Reply manifest = FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'});
            upstream.on(V1, manifest).on("/v2/seen/app/manifests/new", manifest);
            upstream.on(BLOB, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, LAYER));
            upstream.on(LOST, FakeUpstream.bytes(404, "text/html", new byte[] {'<', '>'}));
            topic.enable("seen/*");
            topic.publish(1, refused()); // First, in the same partition: what is waited for comes after it.
            topic.publish(1, built);
            topic.publish(1, Images.offers("seen/app", "v1", 1, MediaTypes.SCHEMA2, built));
            Http http = serving.ready().http();
            await().until(() -> http.get(V1, OLD).body().equals(built.content()));
            http.get(V1, MODERN, "Accept: " + MediaTypes.SCHEMA2);
            http.get(BLOB, OLD);
            http.get("/v2/seen/app/blobs/" + Digest.EMPTY_LAYER, OLD);
            http.get("/v2/seen/app/manifests/none", OLD);
            http.get("/v2/seen/app/manifests/new", OLD);
            http.get(V1, OLD);
            http.get(LOST, OLD);
            http.raw("nonsense\r\n\r\n");
            await().untilAsserted(() -> sees(serving.meters().scrape()));
        }
    }

    @Test
    void manifestThatIsNotRemembered_isMissedOnce(KafkaConfig kafka, @TempDir Path data) {
        try (FakeUpstream upstream = new FakeUpstream().readable("seen/app");
                VariantTopic topic = new VariantTopic(kafka);
                Serving serving = Serving.start(kafka, upstream.url(), data, "serving.wait.ms", "1")) {
            topic.enable("seen/*");
            topic.publish(1, refused());
            Http http = serving.ready().http();
            String refused = "/v2/seen/app/manifests/none";
            await().until(() -> http.get(refused, OLD).body().contains("ZSTD_LAYER"));
            double before = memoryMisses(serving.meters().scrape());

            http.get(refused, OLD);
            assertThat(memoryMisses(serving.meters().scrape())).isEqualTo(before + 1);
        }
    }

    private static double memoryMisses(String scrape) {
        Matcher found = Pattern.compile("precast_serving_cache_total\\{cache=\"memory\",outcome=\"miss\"\\} (\\S+)")
                .matcher(scrape);
        assertThat(found.find()).as(scrape).isTrue();
        return Double.parseDouble(found.group(1));
    }

    private static void sees(String scrape) {
        String requests = "precast_serving_requests_seconds_count\\{";
        assertThat(scrape)
                .as("kind of client, chosen format, origin")
                .containsPattern(requests + "client=\"docker-1.6-1.9\",format=\"schema1\",origin=\"converted\","
                        + "route=\"manifest-by-tag\",status=\"200\"")
                .containsPattern(requests + "client=\"containerd\",format=\"schema2\",origin=\"upstream\","
                        + "route=\"manifest-by-tag\",status=\"200\"")
                .containsPattern(requests + "client=\"docker-1.6-1.9\",format=\"blob\",origin=\"upstream\","
                        + "route=\"blob\",status=\"200\"")
                .containsPattern(requests + "client=\"docker-1.6-1.9\",format=\"blob\",origin=\"empty-layer\"");
        assertThat(scrape)
                .as("errors, the upstream's and those of the server itself")
                .containsPattern(requests + "client=\"docker-1.6-1.9\",format=\"error\",origin=\"upstream\","
                        + "route=\"blob\",status=\"404\"\\} 1")
                .containsPattern(requests + "client=\"none\",format=\"error\",origin=\"precast\","
                        + "route=\"invalid\",status=\"400\"\\} 1");
        assertThat(scrape)
                .as("what is remembered")
                .containsPattern("precast_serving_cache_total\\{cache=\"file\",outcome=\"hit\"\\} [1-9]")
                .containsPattern("precast_serving_cache_total\\{cache=\"file\",outcome=\"miss\"\\} [1-9]")
                .containsPattern("precast_serving_cache_total\\{cache=\"rulings\",outcome=\"hit\"\\} [1-9]")
                .containsPattern("precast_serving_cache_total\\{cache=\"offers\",outcome=\"miss\"\\} [1-9]");
        assertThat(scrape)
                .as("refusals by reason")
                .contains("precast_serving_refusals_total{reason=\"PENDING\"}")
                .contains("precast_serving_refusals_total{reason=\"ZSTD_LAYER\"}");
        assertThat(scrape)
                .as("upstream timings")
                .containsPattern(upstream("relay", "200"))
                .containsPattern(upstream("auth", "200"))
                .containsPattern(upstream("freshness", "200"))
                .contains("precast_serving_upstream_requests_seconds_max{");
        assertThat(scrape)
                .as("the view and its cache")
                .containsPattern("precast_view_age_seconds [0-9]")
                .contains("precast_view_ready 1")
                .contains("precast_view_cache_hits_total")
                .contains("precast_view_cache_misses_total")
                .contains("precast_view_cache_used_bytes");
        assertThat(scrape)
                .as("what is under way")
                .contains("precast_serving_connections")
                .contains("precast_serving_transfers 0");
        assertThat(scrape).as("no name from outside").doesNotContain("seen/app");
    }

    private static String upstream(String purpose, String status) {
        return "precast_serving_upstream_requests_seconds_count\\{purpose=\"" + purpose + "\",status=\"" + status
                + "\"\\} [1-9]";
    }

    private static TagOffers refused() {
        return new TagOffers(
                "seen/app",
                "none",
                1,
                Images.ROOT,
                MediaTypes.SCHEMA2,
                Map.of(
                        MediaTypes.SCHEMA1_SIGNED,
                        Offer.refused(new Refusal(RefusalReason.ZSTD_LAYER, "a layer is zstd"))),
                "test");
    }
}
