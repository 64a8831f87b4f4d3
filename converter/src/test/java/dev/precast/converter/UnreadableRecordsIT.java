package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Records that make no sense, in every topic that a converter reads: while it runs, at a restart, and without its state. */
@ExtendWith(KafkaExtension.class)
class UnreadableRecordsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<Topic<?>> TOPICS =
            List.of(TopicCatalogue.SETTINGS, TopicCatalogue.KEYS, TopicCatalogue.WALKS, TopicCatalogue.IMAGES);

    @TempDir
    Path directory;

    @Test
    void unreadableRecords_areKeptAndEndNoConverter(KafkaConfig kafka) throws Exception {
        Path keys = Files.createDirectory(directory.resolve("keys"));
        KeyFiles.write(keys.resolve("key.pem"), SigningKey.generateEc(new SecureRandom()));
        Path state = directory.resolve("state");
        ConverterConfig config = ConverterConfig.from(
                Map.of(ConverterConfig.KEYS, keys.toString(), ConverterConfig.STATE_DIRECTORY, state.toString()));
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "*", new RepositorySettings(true, List.of()));

        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), meters)) {
            app.start();
            garbage(kafka, "live");
            await().atMost(PATIENCE).until(() -> letters(kafka, "live"), found -> found.equals(names()));
            converts(kafka, "live", 1);
            await().atMost(PATIENCE).until(() -> app.health().ready());
        }
        StateDirectory.awaitFree(state);
        // A record that comes again is counted again.
        assertThat(meters.counter("precast.converter.unreadable").count()).isGreaterThanOrEqualTo(TOPICS.size());

        garbage(kafka, "restart");
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(() -> letters(kafka, "restart"), found -> found.equals(names()));
            converts(kafka, "restart", 2);
        }
        StateDirectory.awaitFree(state);

        StateDirectory.delete(state);
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            TopicContents.put(kafka, TopicCatalogue.SETTINGS, "none/*", new RepositorySettings(true, List.of()));
            converts(kafka, "wiped", 3);
            // Over what could not be read.
            put(kafka, Images.schema2("garbage", "live", 4, "mended"));
            await().atMost(PATIENCE).until(() -> variantKeys(kafka).contains("garbage:live"));
            await().atMost(PATIENCE).until(() -> app.health().ready());
        }
        StateDirectory.awaitFree(state);
    }

    private static void garbage(KafkaConfig kafka, String name) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                kafka.producerProperties("test-writer"), new StringSerializer(), new ByteArraySerializer())) {
            for (Topic<?> topic : TOPICS) {
                String key = "garbage:" + name;
                int partition =
                        topic.equals(TopicCatalogue.IMAGES) ? TopicCatalogue.partition(key, kafka.partitions()) : 0;
                byte[] bytes = ("\u00ff\u0000{" + name).getBytes(StandardCharsets.ISO_8859_1);
                producer.send(new ProducerRecord<>(topic.name(), partition, key, bytes))
                        .get();
            }
        }
    }

    private static List<String> names() {
        return TOPICS.stream().map(Topic::name).sorted().toList();
    }

    /** Of which topics there are letters of the garbage of this name. */
    private static List<String> letters(KafkaConfig kafka, String name) throws IOException {
        List<String> sources = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : TopicContents.of(kafka, TopicCatalogue.DEAD_LETTERS)) {
            DeadLetter letter = RecordJson.read(record.value(), DeadLetter.class);
            if (new String(letter.bytes(), StandardCharsets.ISO_8859_1).endsWith(name)) {
                assertThat(letter.offset()).startsWith(letter.source() + "-");
                sources.add(letter.source());
            }
        }
        return sources.stream().sorted().distinct().toList();
    }

    private static void converts(KafkaConfig kafka, String tag, long version) throws Exception {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            put(kafka, Images.schema2("team/r" + i, tag, version, tag));
            keys.add("team/r" + i + ":" + tag);
        }
        await().atMost(PATIENCE).until(() -> variantKeys(kafka).containsAll(keys));
    }

    private static void put(KafkaConfig kafka, ImageRecord image) throws Exception {
        TopicContents.put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
    }

    private static List<String> variantKeys(KafkaConfig kafka) {
        return TopicContents.of(kafka, TopicCatalogue.VARIANTS).stream()
                .map(ConsumerRecord::key)
                .toList();
    }
}
