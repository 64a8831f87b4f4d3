package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The converter role on a real broker. */
@ExtendWith(KafkaExtension.class)
class ConverterAppIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    @Test
    void converter_convertsOnceOverRestarts(KafkaConfig kafka) throws Exception {
        Path key = Files.writeString(
                directory.resolve("key.pem"), KeyFiles.toPem(SigningKey.generateEc(new SecureRandom())));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Path state = directory.resolve("state");
        ConverterConfig config = ConverterConfig.from(Map.of(
                ConverterConfig.KEYS, key.toString(),
                ConverterConfig.STATE_DIRECTORY, state.toString(),
                ConverterConfig.INSTANCE_ID, "it"));
        put(kafka, Images.schema2("library/hello", "v1", 1, "before"));

        List<ConsumerRecord<String, byte[]>> first;
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(() -> app.health().ready());
            TopicContents.put(kafka, TopicCatalogue.SETTINGS, "*", new RepositorySettings(true, List.of()));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("library/hello:v1"));
            put(kafka, Images.oci("team/app", "1.0", 2, "live"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("team/app:1.0"));
            // A walk remembers a step later what it has published; what it does not remember it publishes again.
            WalkReports.awaitDone(kafka, report -> report.desired().settings() >= 0);
            first = variants(kafka);
        }
        StateDirectory.awaitFree(state);
        assertThat(manifests(first)).hasSize(3);

        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            put(kafka, Images.schema2("org/marker", "v1", 3, "marker"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("org/marker:v1"));
        }
        StateDirectory.awaitFree(state);
        assertThat(variants(kafka).stream().filter(r -> !r.key().startsWith("org/marker")))
                .hasSameSizeAs(first);
    }

    private static void put(KafkaConfig kafka, ImageRecord image) throws Exception {
        TopicContents.put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
    }

    /**
     * Without the tombstones: where the converter meets an image of before its first start while conversion is still off, it takes
     * back what may have been published of it, and whether it meets it before the settings is a race that neither has to win.
     */
    private static List<ConsumerRecord<String, byte[]>> variants(KafkaConfig kafka) {
        List<ConsumerRecord<String, byte[]>> records = TopicContents.of(kafka, TopicCatalogue.VARIANTS).stream()
                .filter(record -> record.value() != null)
                .toList();
        assertThat(records)
                .allMatch(record -> record.partition() == TopicCatalogue.partition(record.key(), kafka.partitions()));
        return records;
    }

    private static List<String> keys(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream().map(ConsumerRecord::key).toList();
    }

    private static List<VariantManifest> manifests(List<ConsumerRecord<String, byte[]>> records) throws IOException {
        List<VariantManifest> manifests = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (RecordJson.read(record.value(), VariantRecord.class) instanceof VariantManifest manifest) {
                manifests.add(manifest);
            }
        }
        return manifests.stream()
                .filter(m -> m.mediaType().equals(MediaTypes.SCHEMA1_SIGNED)
                        || m.mediaType().equals(MediaTypes.SCHEMA2))
                .toList();
    }
}
