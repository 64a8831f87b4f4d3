package dev.precast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.IngestApp;
import dev.precast.ingest.IngestConfig;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import picocli.CommandLine;

/** {@code precast sync} against an ingest that gets no event and does not sweep by itself. */
@ExtendWith(KafkaExtension.class)
@Timeout(180)
class SyncIT {
    private static final int TAGS = 40;

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private StringWriter err = new StringWriter();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void sync_backfills_repairs_andHoldsAMassDeleteUntilItIsReleased(KafkaConfig kafka) {
        for (int i = 0; i < TAGS; i++) {
            put("library/r" + i % 4, "t" + i, "first");
        }
        try (IngestApp ingest = new IngestApp(config(), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();

            assertThat(sync(kafka, "--wait")).contains("40 tags compared, 40 differed, 40 known");

            put("library/r1", "t1", "moved");
            put("library/r2", "t2", "moved");
            assertThat(sync(kafka, "library/r1", "--wait")).contains("Swept: library/r1, 10 tags compared, 1 differed");
            assertThat(sync(kafka, "--wait")).contains("40 tags compared, 1 differed, 40 known");

            for (int i = 0; i < 30; i++) {
                registry.remove("library/r" + i % 4, "t" + i);
            }
            assertThat(sync(kafka, "--wait")).contains("30 known").contains("20 tags that the registry no longer has");
            assertThat(ingest.health().detail()).contains("20 deletes are held");

            assertThat(sync(kafka, "--release-deletes", "--wait"))
                    .contains("10 known")
                    .doesNotContain("no longer has");
            assertThat(ingest.health().detail()).doesNotContain("held");
        }
    }

    @Test
    void sync_ofARegistryWhoseListsCannotBeRead_saysSo_andFails(KafkaConfig kafka) {
        put("unread/r1", "t1", "first");
        registry.fail(
                "/v2/unread/r1/tags/list",
                Collections.nCopies(100, Fault.status(403)).toArray(Fault[]::new));
        try (IngestApp ingest = new IngestApp(config(), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();

            err = new StringWriter();
            int exit = line().execute("sync", "unread/r1", "--wait", "--kafka", kafka.bootstrapServers());
            assertThat(exit).as(err.toString()).isEqualTo(1);
            assertThat(err.toString()).contains("1 of the registry's lists could not be read");
        }
    }

    @Test
    void sync_ofWhatIsNoRepository_isUsage() {
        assertThat(line().execute("sync", "Not/One")).isEqualTo(2);
        assertThat(err.toString()).contains("Not/One");
    }

    private String sync(KafkaConfig kafka, String... arguments) {
        err = new StringWriter();
        String[] all = new String[arguments.length + 3];
        all[0] = "sync";
        all[1] = "--kafka";
        all[2] = kafka.bootstrapServers();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        assertThat(line().execute(all)).as(err.toString()).isZero();
        return err.toString();
    }

    private CommandLine line() {
        return Precast.commandLine().setErr(new PrintWriter(err, true));
    }

    private void put(String repository, String tag, String name) {
        byte[] config = ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"author\":\"" + name
                        + "\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        Digest digest = registry.blob(repository, config);
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2
                        + "\",\"config\":{\"mediaType\":\""
                        + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":" + config.length + ",\"digest\":\"" + digest
                        + "\"},\"layers\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        registry.manifest(repository, tag, MediaTypes.SCHEMA2, manifest);
    }

    private IngestConfig config() {
        return IngestConfig.from(Map.of(
                "registry.url", registry.url().toString(),
                "ingest.listen", "127.0.0.1:0",
                "sweep.enabled", "false",
                "resolver.reread.delays", "0,10",
                "resolver.delete.confirm.ms", "200"));
    }
}
