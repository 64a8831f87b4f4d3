package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** From a request of a tag that the view lacks to the hint in its topic, and from the variant in its topic to the answer. */
@ExtendWith(KafkaExtension.class)
class FreshnessIT {
    private final KafkaConfig kafka;
    private final VariantTopic topic;
    private final FakeUpstream upstream = new FakeUpstream();

    @TempDir
    Path data;

    FreshnessIT(KafkaConfig kafka) {
        this.kafka = kafka;
        this.topic = new VariantTopic(kafka);
    }

    @AfterEach
    void close() {
        topic.close();
        upstream.close();
    }

    @Test
    void missing_pendingWithAHint_thenServed() throws Exception {
        topic.enable("fresh/*");
        has("fresh/app");
        try (Serving serving = Serving.start(kafka, upstream.url(), data, "serving.wait.ms", "1")
                .ready()) {
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
        try (Serving serving = Serving.start(kafka, upstream.url(), data, "serving.wait.ms", "20000")
                .ready()) {
            CompletableFuture<Http.Response> answer =
                    CompletableFuture.supplyAsync(() -> serving.http().get("/v2/waiting/app/manifests/v1"));
            assertThat(hints("waiting/app", 1)).hasSize(1);
            VariantManifest built = publish("waiting/app");
            assertThat(answer.get().status()).isEqualTo(200);
            assertThat(answer.get().body()).isEqualTo(built.content());
        }
    }

    @Test
    void conversionOff_orNotAllowed_noHint() throws Exception {
        topic.enable("closed/*");
        has("off/app");
        has("closed/app");
        upstream.on("/v2/closed/app/tags/list", FakeUpstream.json(403, "{}"));
        try (Serving serving = Serving.start(kafka, upstream.url(), data).ready()) {
            serving.http().get("/v2/off/app/manifests/v1");
            serving.http().get("/v2/closed/app/manifests/v1");
            has("closed/last");
            serving.http().get("/v2/closed/last/manifests/v1");
            assertThat(hints("closed/last", 1)).hasSize(1);
            assertThat(hints("off/app", 0)).isEmpty();
            assertThat(hints("closed/app", 0)).isEmpty();
        }
    }

    private VariantManifest publish(String repository) {
        VariantManifest built = Images.schema1(repository, "v1");
        topic.publish(1, built);
        topic.publish(1, Images.offers(repository, "v1", 1, MediaTypes.SCHEMA2, built));
        return built;
    }

    private void has(String repository) {
        upstream.readable(repository).on("/v2/" + repository + "/manifests/v1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", Images.ROOT.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
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
