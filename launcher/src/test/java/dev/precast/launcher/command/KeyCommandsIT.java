package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.ConverterApp;
import dev.precast.converter.ConverterConfig;
import dev.precast.launcher.Precast;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code keys} and {@code repos} against a real broker and a converter. */
@ExtendWith(KafkaExtension.class)
class KeyCommandsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TAGS = 8;

    @TempDir
    Path directory;

    private Path keys;

    @BeforeEach
    void makeKeyDirectory() throws IOException {
        keys = Files.createDirectory(directory.resolve("keys"));
    }

    @Test
    void keys_areMadeTakenAndRetired_andWaitingEndsWhenEverythingIsSigned(KafkaConfig kafka) throws Exception {
        for (int i = 0; i < TAGS; i++) {
            ImageRecord image = image("team/r" + i, "v1", i + 1L);
            TopicContents.put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
        }
        assertThat(run(kafka, "keys", "list").err()).contains("No key is known");
        String first =
                run(kafka, "keys", "generate", "--out", keys.toString()).out().strip();
        String second;
        try (ConverterApp app = converter(kafka)) {
            app.start();
            Answer enabled = run(kafka, "repos", "enable", "team/*", "--wait");
            assertThat(enabled.err()).contains("Conversion is on for team/*").contains("Done in");
            assertThat(signers(kafka)).hasSize(TAGS).allMatch(text -> text.contains(first));
            assertThat(run(kafka, "keys", "list").out()).containsPattern(first + " +EC256 +active .* yes");

            second = run(kafka, "keys", "generate", "--type", "rsa", "--out", keys.toString())
                    .out()
                    .strip();
            // The converter looks for keys now and then, and rotating waits for a few seconds only.
            await().atMost(PATIENCE)
                    .untilAsserted(() ->
                            assertThat(run(kafka, "keys", "list").out()).containsPattern(second + " +RSA +available"));
            Answer rotated = run(kafka, "keys", "rotate", "--overlap", "7d", "--wait");
            assertThat(rotated.out().strip()).isEqualTo(second);
            assertThat(rotated.err()).contains("signs beside it until").contains("Done in");
            assertThat(signers(kafka)).hasSize(TAGS).allMatch(text -> text.contains(first) && text.contains(second));
            assertThat(run(kafka, "keys", "list").out())
                    .containsPattern(second + " +RSA +active .* yes")
                    .containsPattern(first + " +EC256 +previous .* until ");
        }

        // Nobody does what is wanted now: waiting for it must not end.
        assertThat(run(kafka, "keys", "rotate", "--to", second, "--overlap", "0")
                        .code())
                .isZero();
        StringWriter err = new StringWriter();
        CompletableFuture<Integer> waiting =
                CompletableFuture.supplyAsync(() -> execute(kafka, new StringWriter(), err, rotateTo(second)));
        await().atMost(PATIENCE).until(() -> err.toString().contains("is the active one already"));
        await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> !waiting.isDone());
        try (ConverterApp app = converter(kafka)) {
            app.start();
            assertThat(waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
            assertThat(signers(kafka)).hasSize(TAGS).allMatch(text -> !text.contains(first) && text.contains(second));

            assertThat(run(kafka, "keys", "retire", second)).satisfies(refused -> {
                assertThat(refused.code()).isEqualTo(1);
                assertThat(refused.err()).contains("the only active key");
            });
            assertThat(run(kafka, "keys", "retire", first.substring(0, 9)).err())
                    .contains("is retired");
            assertThat(run(kafka, "keys", "list").out()).containsPattern(first + " +EC256 +retired .* no");
        }
    }

    private static String[] rotateTo(String key) {
        return new String[] {"keys", "rotate", "--to", key, "--wait"};
    }

    @Test
    void inspect_andList_showThePatternThatIsInForce_andWhatIsNone(KafkaConfig kafka) throws Exception {
        RepositorySettings on = new RepositorySettings(true, List.of());
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "other/*", on);
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "other/*/secret-*", RepositorySettings.OFF);
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "NO PATTERN\u001b", on);
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "other/broken", "no settings");

        assertThat(run(kafka, "inspect", "other/a/secret-b:v1").out())
                .contains("conversion off")
                .contains("by the pattern other/*/secret-*");
        assertThat(run(kafka, "inspect", "other/a/open:v1").out()).contains("by the pattern other/*\n");
        Answer list = run(kafka, "repos", "list");
        assertThat(list.code()).isZero();
        assertThat(list.out().lines().map(line -> line.replaceAll(" .*", "")))
                .containsSubsequence("PATTERN", "other/*/secret-*", "other/*", "NO");
        assertThat(list.out()).contains("NO PATTERN?").contains("unusable").doesNotContain("\u001b");

        assertThat(run(kafka, "repos", "disable", "other/broken").code()).isZero();
        assertThat(run(kafka, "repos", "list").out()).contains("other/broken");
    }

    private record Answer(int code, String out, String err) {}

    private static Answer run(KafkaConfig kafka, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = execute(kafka, out, err, arguments);
        return new Answer(code, out.toString(), err.toString());
    }

    private static int execute(KafkaConfig kafka, StringWriter out, StringWriter err, String... arguments) {
        List<String> all = new ArrayList<>(Arrays.asList(arguments));
        all.addAll(List.of("--kafka", kafka.bootstrapServers(), "--data", "target/nothing-runs-here"));
        return Precast.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    private ConverterApp converter(KafkaConfig kafka) {
        ConverterConfig config = ConverterConfig.from(Map.of(
                ConverterConfig.KEYS,
                keys.toString(),
                ConverterConfig.STATE_DIRECTORY,
                directory.resolve("state").toString()));
        return new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry());
    }

    /** The newest text of each signed manifest; the ids of the keys stand in it. */
    private static List<String> signers(KafkaConfig kafka) throws IOException {
        Map<String, String> newest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : TopicContents.of(kafka, TopicCatalogue.VARIANTS)) {
            if (record.value() != null
                    && RecordJson.read(record.value(), VariantRecord.class) instanceof VariantManifest manifest) {
                newest.put(record.key(), manifest.content());
            }
        }
        return List.copyOf(newest.values());
    }

    private static ImageRecord image(String repository, String tag, long version) {
        Digest layer = Digest.sha256(repository.getBytes(StandardCharsets.UTF_8));
        String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"history\":["
                + "{\"created\":\"2020-01-01T00:00:00Z\",\"created_by\":\"ADD\"}],"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layer + "\"]}}";
        Digest configDigest = Digest.sha256(config.getBytes(StandardCharsets.UTF_8));
        String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2
                + "\",\"config\":{\"mediaType\":\"" + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":" + config.length()
                + ",\"digest\":\"" + configDigest + "\"},\"layers\":[{\"mediaType\":\"" + MediaTypes.SCHEMA2_LAYER
                + "\",\"size\":7,\"digest\":\"" + layer + "\"}]}";
        Digest digest = Digest.sha256(manifest.getBytes(StandardCharsets.UTF_8));
        return new ImageRecord(
                repository,
                tag,
                version,
                Instant.ofEpochSecond(1_700_000_000),
                digest,
                new Blob(digest, MediaTypes.SCHEMA2, manifest),
                List.of(),
                List.of(new Blob(configDigest, MediaTypes.SCHEMA2_CONFIG, config)),
                List.of(),
                null);
    }
}
