package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that hold a part of the repositories each. */
@ExtendWith(KafkaExtension.class)
class ShardIT {
    private final KafkaConfig kafka;
    private final VariantTopic topic;
    private final FakeUpstream upstream = new FakeUpstream();

    @TempDir
    Path data;

    ShardIT(KafkaConfig kafka) {
        this.kafka = kafka;
        this.topic = new VariantTopic(kafka);
    }

    @AfterEach
    void close() {
        topic.close();
        upstream.close();
    }

    @Test
    void node_servesItsOwnAndSaysWhoHasTheOthers() {
        topic.enable("shard/*");
        String first = repositoryOf(0);
        String second = repositoryOf(1);
        VariantManifest held = publish(first);
        VariantManifest other = publish(second);
        try (Serving one = start("1/2");
                Serving two = start("2/2")) {
            assertThat(manifest(one, first).body()).isEqualTo(held.content());
            assertThat(manifest(two, second).body()).isEqualTo(other.content());
            Http.Response elsewhere = manifest(one, second);
            assertThat(elsewhere.status()).isEqualTo(421);
            assertThat(elsewhere.header("Precast-Shard")).hasValue("2/2");
            assertThat(manifest(two, first).status()).isEqualTo(421);
        }
    }

    @Test
    void nodeOfAnotherShard_buildsItsViewAnew() {
        topic.enable("shard/*");
        String first = repositoryOf(0);
        String second = repositoryOf(1);
        VariantManifest held = publish(first);
        VariantManifest other = publish(second);
        try (Serving whole = start("1/1")) {
            assertThat(manifest(whole, first).body()).isEqualTo(held.content());
            assertThat(manifest(whole, second).body()).isEqualTo(other.content());
        }
        try (Serving part = start("2/2", "1/1")) {
            assertThat(part.counter("precast.view.rebuilds")).isEqualTo(1);
            assertThat(manifest(part, second).body()).isEqualTo(other.content());
            assertThat(manifest(part, first).status()).isEqualTo(421);
        }
        try (Serving whole = start("1/1")) {
            assertThat(whole.counter("precast.view.rebuilds")).isEqualTo(1);
            assertThat(manifest(whole, first).body()).isEqualTo(held.content());
        }
    }

    private Serving start(String shard) {
        return start(shard, shard);
    }

    private Serving start(String shard, String folder) {
        return Serving.start(
                        kafka,
                        upstream.url(),
                        data.resolve(folder.replace('/', '-')),
                        "serving.shard",
                        shard,
                        "serving.auth",
                        "open",
                        "serving.open.repositories",
                        "*")
                .ready();
    }

    private Http.Response manifest(Serving serving, String repository) {
        return serving.http().get("/v2/" + repository + "/manifests/v1");
    }

    /** One whose partition is in shard {@code index + 1} of two. */
    private String repositoryOf(int index) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "shard/app" + i)
                .filter(name -> TopicCatalogue.partition(name, kafka.partitions()) % 2 == index)
                .findFirst()
                .orElseThrow();
    }

    private VariantManifest publish(String repository) {
        VariantManifest built = Images.schema1(repository, "v1");
        topic.publish(1, built);
        topic.publish(1, Images.offers(repository, "v1", 1, MediaTypes.SCHEMA2, built));
        return built;
    }
}
