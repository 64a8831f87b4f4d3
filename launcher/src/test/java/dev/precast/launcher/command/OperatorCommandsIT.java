package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.launcher.Precast;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.TagOffers;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code dead-letters} and {@code status} against a real broker, with records as the roles write them. */
@ExtendWith(KafkaExtension.class)
class OperatorCommandsIT {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private @Nullable KafkaProducer<String, byte[]> producer;

    @AfterEach
    void close() {
        if (producer != null) {
            producer.close();
        }
    }

    @Test
    void deadLetters_areListedAndTriedAgain(KafkaConfig kafka) throws Exception {
        assertThat(run(kafka, "dead-letters", "list")).isZero();
        assertThat(err.toString()).contains("There are no dead letters.");
        write(kafka, TopicCatalogue.DEAD_LETTERS.name(), "quay", letter("quay", "no\u001b[2J sense"));
        write(
                kafka,
                TopicCatalogue.DEAD_LETTERS.name(),
                "distribution",
                letter(
                        "distribution",
                        "{\"events\":[{\"id\":\"e-9\",\"action\":\"push\",\"target\":{\"repository\":\"a/b\",\"tag\":\"v1\"}}]}"));
        write(
                kafka,
                TopicCatalogue.DEAD_LETTERS.name(),
                "team/app:1.0",
                RecordJson.write(DeadLetter.of(
                        "precast-images",
                        "UNREADABLE_RECORD",
                        "x",
                        new byte[] {0},
                        Instant.EPOCH,
                        "precast-images-1@7")));
        write(kafka, TopicCatalogue.DEAD_LETTERS.name(), "x", new byte[] {'?'});

        assertThat(run(kafka, "dead-letters", "list")).isZero();
        assertThat(out.toString().lines().skip(1))
                .hasSize(4)
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("0:0 ").contains("quay", "MALFORMED_EVENT"),
                        line -> assertThat(line).startsWith("0:1 ").contains("distribution"),
                        line -> assertThat(line).startsWith("0:2 ").contains("precast-images-1@7"),
                        line -> assertThat(line).startsWith("0:3 ").contains("UNREADABLE"));
        assertThat(out.toString()).doesNotContain("\u001b");

        assertThat(run(kafka, "dead-letters", "list", "--json", "--limit", "2")).isZero();
        List<String> lines = out.toString().lines().toList();
        assertThat(lines).hasSize(2);
        assertThat(new ObjectMapper()
                        .readTree(lines.get(0))
                        .path("letter")
                        .path("offset")
                        .asText())
                .isEqualTo("precast-images-1@7");

        assertThat(run(kafka, "dead-letters", "retry", "0:1")).isZero();
        assertThat(out.toString()).contains("To be looked at again: a/b:v1.");
        assertThat(run(kafka, "dead-letters", "retry", "--all")).isEqualTo(1);
        assertThat(err.toString()).contains("4 tried, 2 hints written, 2 still refused.");
        assertThat(run(kafka, "dead-letters", "retry", "0:99")).isEqualTo(1);
        assertThat(out.toString()).contains("Not found.");
        assertThat(run(kafka, "dead-letters", "retry")).isEqualTo(2);
        assertThat(run(kafka, "dead-letters", "retry", "seven")).isEqualTo(2);

        assertThat(TopicContents.hints(kafka))
                .extracting(hint -> hint.repository() + ":" + hint.tag() + " " + hint.eventId())
                .containsExactlyInAnyOrder("a/b:v1 e-9", "a/b:v1 e-9", "team/app:1.0 dead-letter-0-2");
    }

    @Test
    void topics_ofASingleBroker_areWarnedOf(KafkaConfig kafka) {
        assertThat(run(kafka, "topics", "plan")).isZero();
        assertThat(err.toString())
                .contains("Nothing differs.", "WARNING: All topics: found 1 replica, expected 3", "kafka-reassign");
    }

    @Test
    void role_onASingleBroker_isRefusedWhenStrict(KafkaConfig kafka, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("precast.properties"), "kafka.durability=strict");

        assertThat(run(kafka, "ingest", "--config", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("Cannot start with kafka.durability=strict: All topics: found 1 replica");
    }

    @Test
    void hintsWithoutACap_differAndDoNotHinder(KafkaConfig kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties("test"))) {
            cap(admin, "-1");
            assertThat(run(kafka, "topics", "plan")).isEqualTo(1);
            assertThat(out.toString())
                    .contains("precast-hints: retention.bytes is -1, expected " + (1 << 30))
                    .hasLineCount(1);
            assertThat(new TopicAdmin(admin, kafka).plan())
                    .singleElement()
                    .satisfies(difference -> assertThat(difference.hinders()).isFalse());
            cap(admin, "5000000000");
            assertThat(run(kafka, "topics", "plan")).as("an operator's own cap").isZero();
            cap(admin, "-1");
            assertThat(run(kafka, "topics", "apply")).isZero();
            await().until(() -> new TopicAdmin(admin, kafka).plan().isEmpty());
            assertThat(run(kafka, "topics", "plan")).isZero();
        }
    }

    /** Waits for the broker, which hears later of what the controller has set. */
    private static void cap(Admin admin, String bytes) throws Exception {
        ConfigResource hints = new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.HINTS.name());
        admin.incrementalAlterConfigs(Map.of(
                        hints,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("retention.bytes", bytes), AlterConfigOp.OpType.SET))))
                .all()
                .get();
        await().until(() -> {
            Config found = Objects.requireNonNull(
                    admin.describeConfigs(List.of(hints)).all().get().get(hints));
            return bytes.equals(found.get("retention.bytes").value());
        });
    }

    @Test
    void status_countsWhatTheTopicsHold(KafkaConfig kafka) throws Exception {
        Refusal zstd = new Refusal(RefusalReason.ZSTD_LAYER, "zstd");
        for (int i = 0; i < 500; i++) {
            TagOffers.Offer offer = i % 10 == 0
                    ? TagOffers.Offer.refused(zstd)
                    : TagOffers.Offer.of(Digest.sha256(new byte[] {(byte) i}));
            write(
                    kafka,
                    TopicCatalogue.VARIANTS.name(),
                    RecordKeys.tag("status/app", "t" + i % 400),
                    RecordJson.write(new TagOffers(
                            "status/app",
                            "t" + i % 400,
                            i,
                            Digest.sha256(new byte[] {1}),
                            MediaTypes.OCI_MANIFEST,
                            Map.of(MediaTypes.SCHEMA1_SIGNED, offer),
                            "x")));
        }
        write(kafka, TopicCatalogue.VARIANTS.name(), RecordKeys.tag("status/app", "t1"), null);
        write(
                kafka,
                TopicCatalogue.VARIANTS.name(),
                RecordKeys.digest("status/app", Digest.sha256(new byte[] {2})),
                new byte[] {'{', '}'});

        assertThat(run(kafka, "status", "--admin", "http://127.0.0.1:1/")).isEqualTo(1);
        assertThat(out.toString())
                .contains("unreachable at http://127.0.0.1:1\n")
                .contains("399 known to clients, 40 with a refusal")
                .contains("1 manifests")
                .contains("ZSTD_LAYER 40");

        assertThat(run(kafka, "status", "--json")).isZero();
        JsonNode status = new ObjectMapper().readTree(out.toString());
        assertThat(status.path("variants").path("tags").asInt()).isEqualTo(399);
        assertThat(status.path("counts")
                        .path("records")
                        .path("precast-variants")
                        .asLong())
                .isEqualTo(502);
        assertThat(run(kafka, "status", "--quick")).isZero();
        assertThat(out.toString()).doesNotContain("tags ").contains("precast-variants       at most 502 records");
    }

    private int run(KafkaConfig kafka, String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 4);
        all[arguments.length] = "--kafka";
        all[arguments.length + 1] = kafka.bootstrapServers();
        all[arguments.length + 2] = "--data";
        all[arguments.length + 3] = "target/nothing-runs-here";
        CommandLine line = Precast.commandLine();
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    private static byte[] letter(String source, String body) {
        return RecordJson.write(DeadLetter.received(
                source, "MALFORMED_EVENT", body, body.getBytes(StandardCharsets.UTF_8), Instant.EPOCH, Map.of()));
    }

    private void write(KafkaConfig kafka, String topic, String key, byte @Nullable [] value) throws Exception {
        if (producer == null) {
            producer = new KafkaProducer<>(
                    kafka.producerProperties("test-writer"), new StringSerializer(), new ByteArraySerializer());
        }
        producer.send(new ProducerRecord<>(topic, key, value)).get();
    }
}
