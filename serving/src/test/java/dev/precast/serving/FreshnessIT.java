package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.TopicContents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;

/** From a request of a tag that the view lacks to the hint in its topic, and from the variant in its topic to the answer. */
class FreshnessIT extends BetweenTopicAndUpstream {
    private static final Digest MOVED = Digest.sha256("moved".getBytes(StandardCharsets.UTF_8));

    FreshnessIT(KafkaConfig kafka) {
        super(kafka);
    }

    @Test
    void missing_pendingWithAHint_thenServed() throws Exception {
        topic.enable("fresh/*");
        has("fresh/app");
        try (Serving serving = start("serving.wait.ms", "1")) {
            Http http = serving.http();
            Http.Response pending = http.get("/v2/fresh/app/manifests/v1");
            assertThat(pending.status()).isEqualTo(404);
            assertThat(pending.body()).contains("\"reason\":\"PENDING\"");
            assertThat(pending.header("Retry-After")).hasValue("1");
            http.get("/v2/fresh/app/manifests/v1");
            assertThat(hints("fresh/app", 1)).singleElement().satisfies(hint -> {
                assertThat(hint.source()).isEqualTo("serving");
                assertThat(hint.action()).isEqualTo("miss");
                assertThat(hint.tag()).isEqualTo("v1");
                assertThat(hint.digest()).isEqualTo(Images.ROOT);
            });
            VariantManifest built = publish("fresh/app");
            await().until(() -> http.get("/v2/fresh/app/manifests/v1").body().equals(built.content()));
            assertThat(serving.meters()
                            .get("precast.serving.refusals")
                            .tag("reason", "PENDING")
                            .counter()
                            .count())
                    .isGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void missing_builtWhileTheRequestWaits_isServed() throws Exception {
        topic.enable("waiting/*");
        has("waiting/app");
        try (Serving serving = start("serving.wait.ms", "20000")) {
            CompletableFuture<Http.Response> answer =
                    CompletableFuture.supplyAsync(() -> serving.http().get("/v2/waiting/app/manifests/v1"));
            assertThat(hints("waiting/app", 1)).hasSize(1);
            VariantManifest built = publish("waiting/app");
            assertThat(answer.get().status()).isEqualTo(200);
            assertThat(answer.get().body()).isEqualTo(built.content());
        }
    }

    /** The event is lost: the topic says nothing of the move until ingest has heard of it from serving. */
    @Test
    void checked_tagThatMoved_isPendingAndNeverTheOldOne_thenTheNewOne() throws Exception {
        topic.enable("checked/*");
        has("checked/app");
        VariantManifest old = publish("checked/app");
        String path = "/v2/checked/app/manifests/v1";
        try (Serving serving = start("serving.wait.ms", "1", FreshnessConfig.FRESHNESS, FreshnessConfig.CHECKED)) {
            Http http = serving.http();
            await().until(() -> http.get(path).body().equals(old.content()));
            Digest moved = Digest.sha256(new byte[] {1});
            has("checked/app", moved);
            // What was seen of the tag just before holds for a second.
            await().until(() -> http.get(path).status() == 404);
            for (int i = 0; i < 20; i++) {
                Http.Response pending = http.get(path, "Accept: " + MediaTypes.SCHEMA1_SIGNED);
                assertThat(pending.status()).isEqualTo(404);
                assertThat(pending.body()).contains("\"reason\":\"PENDING\"");
                assertThat(http.head(path).headers()).doesNotContainKey("docker-content-digest");
            }
            assertThat(hints("checked/app", 1)).anySatisfy(hint -> {
                assertThat(hint.source()).isEqualTo("serving");
                assertThat(hint.digest()).isEqualTo(moved);
            });
            VariantManifest fresh = Images.schema1("checked/app", "moved");
            topic.publish(2, fresh);
            topic.publish(
                    2,
                    new TagOffers(
                            "checked/app",
                            "v1",
                            2,
                            moved,
                            MediaTypes.SCHEMA2,
                            Map.of(fresh.mediaType(), TagOffers.Offer.of(fresh.digest())),
                            "test"));
            await().until(() -> http.get(path).status() == 200);
            for (int i = 0; i < 20; i++) {
                assertThat(http.get(path).body()).isEqualTo(fresh.content());
            }
        }
    }

    @Test
    void moved_withoutAnEvent_isToldAfterTheFirstPull_andServedLater() throws Exception {
        topic.enable("moved/*");
        VariantManifest old = publish("moved/app");
        upstream.readable("moved/app").on("/v2/moved/app/manifests/v1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", MOVED.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
        try (Serving serving = start("serving.look.ms", "1000")) {
            Http http = serving.http();
            assertThat(http.get("/v2/moved/app/manifests/v1").body()).isEqualTo(old.content());
            assertThat(hints("moved/app", 1)).singleElement().satisfies(hint -> {
                assertThat(hint.source()).isEqualTo("serving");
                assertThat(hint.digest()).isEqualTo(MOVED);
            });
            upstream.forget();
            // From now on the answer is remembered, and the tag looked at all the same.
            await().until(() -> {
                assertThat(http.get("/v2/moved/app/manifests/v1").body()).isEqualTo(old.content());
                return !upstream.asked("/v2/moved/app/manifests/v1").isEmpty();
            });
            VariantManifest built = Images.schema1("moved/app", "moved");
            topic.publish(2, built);
            TagOffers offers = Images.offers("moved/app", "v1", 2, MediaTypes.SCHEMA2, built);
            topic.publish(2, new TagOffers("moved/app", "v1", 2, MOVED, MediaTypes.SCHEMA2, offers.offers(), "test"));
            await().until(() -> http.get("/v2/moved/app/manifests/v1").body().equals(built.content()));
        }
    }

    @Test
    void conversionOff_orNotAllowed_noHint() throws Exception {
        topic.enable("closed/*");
        has("off/app");
        has("closed/app");
        upstream.on("/v2/closed/app/tags/list", FakeUpstream.json(403, "{}"));
        try (Serving serving = start()) {
            serving.http().get("/v2/off/app/manifests/v1");
            serving.http().get("/v2/closed/app/manifests/v1");
            has("closed/last");
            serving.http().get("/v2/closed/last/manifests/v1");
            assertThat(hints("closed/last", 1)).hasSize(1);
            assertThat(TopicContents.hints(kafka))
                    .extracting(Hint::repository)
                    .contains("closed/last")
                    .doesNotContain("off/app", "closed/app");
        }
    }

    /** The hints of a repository; waits until there are {@code atLeast}. */
    private List<Hint> hints(String repository, int atLeast) throws IOException {
        List<Hint> found = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("test"), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TopicCatalogue.HINTS.name()).stream()
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    if (record.key().equals(repository)) {
                        found.add(RecordJson.read(Objects.requireNonNull(record.value()), Hint.class));
                    }
                }
                return found.size() >= atLeast;
            });
        }
        return found;
    }
}
