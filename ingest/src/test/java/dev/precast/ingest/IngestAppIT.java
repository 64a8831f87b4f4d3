package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.Ports;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A real broker, a real registry and its own notifications. */
@ExtendWith(KafkaExtension.class)
class IngestAppIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private IngestApp ingest;
    private DockerRegistry registry;
    private ImageTable table;

    @BeforeEach
    void start(KafkaConfig kafka) throws Exception {
        assumeThat(DockerRegistry.available()).as(DockerRegistry.HOW_TO_GET).isTrue();
        int port = Ports.free();
        ingest = new IngestApp(
                IngestConfig.from(Map.of(
                        "registry.url", "http://127.0.0.1:" + port,
                        "ingest.listen", "127.0.0.1:0",
                        "ingest.secrets", "old,hush",
                        // Not for minutes: what one method leaves in the topic is read again in the next, from a
                        // registry without it.
                        "resolver.reread.delays", "0,50,200,500,2000",
                        "resolver.delete.confirm.ms", "300",
                        "sweep.enabled", "false")),
                kafka,
                Clock.systemUTC(),
                meters);
        ingest.start();
        registry = DockerRegistry.start(DockerRegistry.Options.DEFAULT
                .withPort(port)
                .withNotifications(
                        URI.create("http://127.0.0.1:" + ingest.eventsAddress().getPort() + "/events"))
                .withAuthorization("Bearer hush"));
        table = new ImageTable(kafka);
    }

    @AfterEach
    void stop() throws Exception {
        if (table != null) {
            table.close();
        }
        if (registry != null) {
            registry.close();
        }
        if (ingest != null) {
            ingest.close();
        }
    }

    @Test
    void push_becomesAnImageRecordWithTheExactBytes() throws Exception {
        byte[] config = Images.config("one");
        registry.pushBlob("library/hello", config);
        Digest root = registry.pushManifest("library/hello", "v1", MediaTypes.SCHEMA2, Images.schema2(config));

        await().atMost(SOON).until(() -> table.root("library/hello:v1"), root.toString()::equals);

        ImageRecord image = table.image("library/hello:v1");
        assertThat(image.root()).isEqualTo(blob(MediaTypes.SCHEMA2, Images.schema2(config)));
        assertThat(image.configs()).containsExactly(blob(MediaTypes.SCHEMA2_CONFIG, config));
        assertThat(image.children()).isEmpty();
        assertThat(image.refusal()).isNull();
        assertThat(ingest.health().ready()).isTrue();
    }

    @Test
    void index_becomesARecordWithTheChildrenThatMatter() throws Exception {
        String repository = "org/team/multi";
        byte[] amdConfig = Images.config("amd64");
        byte[] armConfig = Images.config("arm64");
        byte[] amd = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, amdConfig, "");
        byte[] arm = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, armConfig, "");
        for (byte[] config : List.of(amdConfig, armConfig)) {
            registry.pushBlob(repository, config);
        }
        for (byte[] child : List.of(amd, arm)) {
            registry.pushManifest(repository, Digest.sha256(child).toString(), MediaTypes.OCI_MANIFEST, child);
        }
        byte[] index = Images.index(
                Images.entry(MediaTypes.OCI_MANIFEST, arm, Images.platform("linux", "arm64")),
                Images.entry(MediaTypes.OCI_MANIFEST, amd, Images.platform("linux", "amd64")));
        Digest root = registry.pushManifest(repository, "v1", MediaTypes.OCI_INDEX, index);

        await().atMost(SOON).until(() -> table.root(repository + ":v1"), root.toString()::equals);

        ImageRecord image = table.image(repository + ":v1");
        assertThat(image.children())
                .containsExactly(blob(MediaTypes.OCI_MANIFEST, arm), blob(MediaTypes.OCI_MANIFEST, amd));
        assertThat(image.configs())
                .containsExactlyInAnyOrder(
                        blob(MediaTypes.OCI_CONFIG, amdConfig), blob(MediaTypes.OCI_CONFIG, armConfig));
    }

    @Test
    void tagsThatMoveAtFullSpeed_endAsTheRegistryHasThem() throws Exception {
        Map<String, Digest> last = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            String repository = "moving/r" + i % 3;
            byte[] config = Images.config("move-" + i);
            registry.pushBlob(repository, config);
            Digest digest = registry.pushManifest(repository, "latest", MediaTypes.SCHEMA2, Images.schema2(config));
            last.put(repository + ":latest", digest);
        }

        last.forEach((key, digest) -> await().atMost(SOON).until(() -> table.root(key), digest.toString()::equals));
        await().atMost(SOON)
                .until(() -> meters.get("precast.resolver.pending").gauge().value() == 0);
        last.forEach((key, digest) -> {
            assertThat(table.root(key)).isEqualTo(digest.toString());
            assertThat(table.versions(key)).isSorted().doesNotHaveDuplicates();
        });
    }

    @Test
    void deletedTag_becomesATombstoneWithAVersion() throws Exception {
        byte[] config = Images.config("gone");
        registry.pushBlob("library/gone", config);
        Digest root = registry.pushManifest("library/gone", "v1", MediaTypes.SCHEMA2, Images.schema2(config));
        await().atMost(SOON).until(() -> table.root("library/gone:v1"), root.toString()::equals);

        registry.deleteManifest("library/gone", root);

        await().atMost(SOON).until(() -> table.root("library/gone:v1"), "gone"::equals);
        assertThat(table.versions("library/gone:v1")).isSorted().doesNotHaveDuplicates();
    }

    /**
     * The forms that the parsers expect, as a real 2.8 sends them. On a machine that is slow for a moment an event is
     * answered late, and the registry sends it again: a hint may be there twice.
     */
    @Test
    void registrysOwnEvents_becomeTheHintsThatTheyMean(KafkaConfig kafka) throws Exception {
        byte[] config = Images.config("forms");
        registry.pushBlob("forms/base", config);
        registry.mountBlob("forms/app", Digest.sha256(config), "forms/base");
        byte[] manifest = Images.schema2(config);
        Digest root =
                registry.pushManifest("forms/app", Digest.sha256(manifest).toString(), MediaTypes.SCHEMA2, manifest);
        registry.pushManifest("forms/app", "v1", MediaTypes.SCHEMA2, manifest);
        registry.pushManifest("forms/app", "v2", MediaTypes.SCHEMA2, manifest);
        registry.getManifest("forms/app", "v1", List.of(MediaTypes.SCHEMA2));
        registry.deleteManifest("forms/app", root);
        registry.pushManifest("forms/base", "end", MediaTypes.SCHEMA2, manifest);

        await().atMost(SOON).until(() -> forms(kafka), hints -> hints.contains("push forms/base:end " + root));
        // A delete by digest comes first, then one for each tag, in any order.
        assertThat(forms(kafka))
                .containsExactlyInAnyOrder(
                        "push forms/app:v1 " + root,
                        "push forms/app:v2 " + root,
                        "delete forms/app:null " + root,
                        "delete forms/app:v1 null",
                        "delete forms/app:v2 null",
                        "push forms/base:end " + root);
        assertThat(meters.find("precast.ingest.dead.letters").counters()).isEmpty();
        // Counted after the hint is there to be read.
        await().atMost(SOON)
                .until(() -> meters.get("precast.event.age")
                                .tag("stage", "receipt")
                                .timer()
                                .count()
                        >= 6);
        // Nothing is left to the ingest of another method.
        await().atMost(SOON).until(() -> table.root("forms/base:end"), root.toString()::equals);
        await().atMost(SOON)
                .until(() -> meters.get("precast.resolver.pending").gauge().value() == 0);
    }

    /**
     * The hints of each event; the registry sends an event again when the answer to it comes late. A delete by digest makes ingest
     * sweep a repository of which it knows nothing yet, and that may have something to say, too.
     */
    private static List<String> forms(KafkaConfig kafka) throws Exception {
        Set<String> events = new HashSet<>();
        return TopicContents.hints(kafka).stream()
                .filter(hint -> hint.source().equals("distribution"))
                .filter(hint -> hint.repository().startsWith("forms/") && events.add(hint.eventId()))
                .map(hint -> hint.action() + " " + hint.repository() + ":" + hint.tag() + " " + hint.digest())
                .toList();
    }

    private static Blob blob(String mediaType, byte[] content) {
        return new Blob(Digest.sha256(content), mediaType, new String(content, StandardCharsets.UTF_8));
    }
}
