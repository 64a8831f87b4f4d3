package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What survives the end of a process, and what must not. Each test has a repository of its own: the topics are shared. */
@ExtendWith(KafkaExtension.class)
class RestartIT {
    private final KafkaConfig kafka;
    private final VariantTopic topic;
    private final FakeUpstream upstream = new FakeUpstream();

    @TempDir
    Path data;

    RestartIT(KafkaConfig kafka) {
        this.kafka = kafka;
        this.topic = new VariantTopic(kafka);
    }

    @BeforeEach
    void enable() {
        topic.enable("*");
    }

    @AfterEach
    void close() {
        topic.close();
        upstream.close();
    }

    @Test
    void restart_goesOnWhereItWas() {
        VariantManifest first = publish("restart", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(body(serving, "restart", "v1")).isEqualTo(first.content());
        }
        VariantManifest second = publish("restart", "v2", 1);
        topic.tombstone(2, "restart:v1");
        try (Serving serving = start().ready()) {
            assertThat(serving.counter("precast.view.records.applied")).isEqualTo(3);
            assertThat(serving.counter("precast.view.rebuilds")).isZero();
            assertThat(body(serving, "restart", "v2")).isEqualTo(second.content());
            assertThat(body(serving, "restart", "v1")).contains("from upstream");
        }
    }

    @Test
    void viewOlderThanTombstones_isBuiltAnew() {
        publish("old", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(body(serving, "old", "v1")).contains("\"tag\": \"v1\"");
        }
        Clock later = Clock.offset(Clock.systemUTC(), Duration.ofDays(7).plusMinutes(1));
        try (Serving serving = Serving.start(later, kafka, upstream.url(), data).ready()) {
            assertThat(serving.counter("precast.view.rebuilds")).isEqualTo(1);
            assertThat(body(serving, "old", "v1")).contains("\"tag\": \"v1\"");
        }
        assertThat(generations()).hasSize(1);
    }

    @Test
    void topicMadeAgainWhileDown_nothingOfTheOldIsServed() throws Exception {
        publish("ghost", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(body(serving, "ghost", "v1")).contains("\"tag\": \"v1\"");
        }
        recreate();
        publish("after", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(serving.counter("precast.view.rebuilds")).isEqualTo(1);
            assertThat(body(serving, "ghost", "v1")).contains("from upstream");
            assertThat(body(serving, "after", "v1")).contains("\"tag\": \"v1\"");
        }
    }

    @Test
    void topicMadeAgainWhileRunning_isNoticed() throws Exception {
        publish("running", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(body(serving, "running", "v1")).contains("\"tag\": \"v1\"");
            recreate();
            publish("anew", "v1", 1);
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
                assertThat(body(serving, "anew", "v1")).contains("\"tag\": \"v1\"");
                assertThat(body(serving, "running", "v1")).contains("from upstream");
            });
            assertThat(serving.app().health().live()).isTrue();
        }
    }

    @Test
    void flippedBytes_areNeverServed() throws Exception {
        VariantManifest manifest = publish("flipped", "v1", 1);
        try (Serving serving = start().ready()) {
            assertThat(body(serving, "flipped", "v1")).isEqualTo(manifest.content());
        }
        start().ready().close(); // Opening writes the log out into a table.
        for (Path table : files(".sst")) {
            flipMiddle(table);
        }
        try (Serving serving = start()) {
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                String body = body(serving, "flipped", "v1");
                assertThat(body)
                        .satisfiesAnyOf(
                                b -> assertThat(b).isEqualTo(manifest.content()),
                                b -> assertThat(b).contains("\"UNAVAILABLE\""));
                return body.equals(manifest.content());
            });
        }
    }

    private Serving start() {
        return Serving.start(kafka, upstream.url(), data);
    }

    private VariantManifest publish(String repository, String tag, long version) {
        upstream.readable(repository);
        VariantManifest manifest = Images.schema1(repository, tag);
        topic.publish(version, manifest);
        topic.publish(version, Images.offers(repository, tag, version, MediaTypes.SCHEMA2, manifest));
        return manifest;
    }

    private static String body(Serving serving, String repository, String tag) {
        return serving.http().get("/v2/" + repository + "/manifests/" + tag).body();
    }

    private void recreate() throws Exception {
        String name = TopicCatalogue.VARIANTS.name();
        try (Admin admin = Admin.create(kafka.clientProperties("test"))) {
            Uuid old = topicId(admin, name);
            admin.deleteTopics(List.of(name)).all().get();
            // A deleted topic is listed for a moment longer, so that making it anew has to be tried more than once.
            TopicAdmin topics = new TopicAdmin(admin, kafka);
            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
                topics.apply(topics.plan());
                return topics.plan().isEmpty() && !topicId(admin, name).equals(old);
            });
        }
    }

    private static Uuid topicId(Admin admin, String name) throws Exception {
        return Objects.requireNonNull(admin.describeTopics(List.of(name))
                        .allTopicNames()
                        .get()
                        .get(name))
                .topicId();
    }

    private List<Path> generations() {
        try (Stream<Path> children = Files.list(data)) {
            return children.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(f -> f.toString().endsWith(suffix)).toList();
        }
    }

    private static void flipMiddle(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (long at = 20; at < bytes.length() / 2; at += 50) {
                bytes.seek(at);
                int old = bytes.read();
                bytes.seek(at);
                bytes.write(old ^ 0x10);
            }
        }
    }
}
