package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.testkit.KafkaExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
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
        ConverterConfig config = ConverterConfig.from(Map.of(
                ConverterConfig.KEYS, key.toString(),
                ConverterConfig.STATE_DIRECTORY, directory.resolve("state").toString(),
                ConverterConfig.INSTANCE_ID, "it"));
        put(kafka, Images.schema2("library/hello", "v1", 1, "before"));

        List<ConsumerRecord<String, VariantRecord>> first;
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            assertThat(app.health().ready()).isTrue();
            enableEverything(kafka);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("library/hello:v1"));
            put(kafka, Images.oci("team/app", "1.0", 2, "live"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("team/app:1.0"));
            first = variants(kafka);
        }
        assertThat(manifests(first)).hasSize(3);

        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            put(kafka, Images.schema2("org/marker", "v1", 3, "marker"));
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(keys(variants(kafka))).contains("org/marker:v1"));
        }
        assertThat(variants(kafka).stream().filter(r -> !r.key().startsWith("org/marker")))
                .hasSameSizeAs(first);
    }

    private static void enableEverything(KafkaConfig kafka) throws Exception {
        try (KafkaProducer<String, RepositorySettings> producer = new KafkaProducer<>(
                kafka.producerProperties("it"),
                new StringSerializer(),
                TopicCatalogue.SETTINGS.valueSerde().serializer())) {
            producer.send(new ProducerRecord<>(
                            TopicCatalogue.SETTINGS.name(), "*", new RepositorySettings(true, List.of())))
                    .get();
        }
    }

    private static void put(KafkaConfig kafka, ImageRecord image) throws Exception {
        try (KafkaProducer<String, ImageRecord> producer = new KafkaProducer<>(
                kafka.producerProperties("it"),
                new StringSerializer(),
                TopicCatalogue.IMAGES.valueSerde().serializer())) {
            String key = RecordKeys.tag(image.repository(), image.tag());
            int partitions =
                    producer.partitionsFor(TopicCatalogue.IMAGES.name()).size();
            producer.send(new ProducerRecord<>(
                            TopicCatalogue.IMAGES.name(), TopicCatalogue.partition(key, partitions), key, image))
                    .get();
        }
    }

    private static List<ConsumerRecord<String, VariantRecord>> variants(KafkaConfig kafka) {
        List<ConsumerRecord<String, VariantRecord>> records = new ArrayList<>();
        try (KafkaConsumer<String, VariantRecord> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("it"),
                new StringDeserializer(),
                TopicCatalogue.VARIANTS.valueSerde().deserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TopicCatalogue.VARIANTS.name()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        for (ConsumerRecord<String, VariantRecord> record : records) {
            assertThat(record.partition()).isEqualTo(TopicCatalogue.partition(record.key(), partitionsOf(kafka)));
        }
        return records;
    }

    private static int partitionsOf(KafkaConfig kafka) {
        return kafka.partitions();
    }

    private static List<String> keys(List<ConsumerRecord<String, VariantRecord>> records) {
        return records.stream().map(ConsumerRecord::key).toList();
    }

    private static List<VariantManifest> manifests(List<ConsumerRecord<String, VariantRecord>> records) {
        return records.stream()
                .map(ConsumerRecord::value)
                .filter(VariantManifest.class::isInstance)
                .map(VariantManifest.class::cast)
                .filter(m -> m.mediaType().equals(MediaTypes.SCHEMA1_SIGNED)
                        || m.mediaType().equals(MediaTypes.SCHEMA2))
                .toList();
    }
}
