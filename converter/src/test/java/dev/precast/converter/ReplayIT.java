package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.ConverterStreams;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.WalkRecord;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkRequest;
import dev.precast.testkit.KafkaExtension;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Building everything anew on a real broker: as asked for, and the plain Kafka way. */
@ExtendWith(KafkaExtension.class)
class ReplayIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TAGS = 30;

    @TempDir
    Path directory;

    private Path state;
    private ConverterConfig config;

    @BeforeEach
    void configure() throws IOException {
        Path keys = Files.createDirectory(directory.resolve("keys"));
        KeyFiles.write(keys.resolve("key.pem"), SigningKey.generateEc(new SecureRandom()));
        state = directory.resolve("state");
        config = ConverterConfig.from(
                Map.of(ConverterConfig.KEYS, keys.toString(), ConverterConfig.STATE_DIRECTORY, state.toString()));
    }

    @Test
    void replay_writesNothingNew_andTheStateCanBeWiped(KafkaConfig kafka) throws Exception {
        put(kafka, TopicCatalogue.SETTINGS, "*", new RepositorySettings(true, List.of()));
        for (int i = 0; i < TAGS; i++) {
            ImageRecord image = Images.oci("team/r" + i % 7, "t" + i, i + 1L, "image " + i);
            put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
        }
        Map<String, String> before;
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(() -> tagsIn(variants(kafka)), tags -> tags.size() == TAGS);
            awaitWalked(kafka, -1);
            List<ConsumerRecord<String, byte[]>> built = variants(kafka);
            before = newest(built);

            put(kafka, TopicCatalogue.WALKS, RecordKeys.walkRequest("*"), new WalkRequest("*", 1));
            awaitWalked(kafka, 0);
            assertThat(variants(kafka)).hasSameSizeAs(built);
        }

        wipe(kafka);
        int records = variants(kafka).size();
        int tagRecords = tagRecords(kafka);
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(() -> tagRecords(kafka) >= tagRecords + TAGS);
        }
        assertThat(variants(kafka)).hasSizeGreaterThan(records);
        List<ConsumerRecord<String, byte[]>> all = variants(kafka);
        assertThat(newest(all)).isEqualTo(before);
        assertThat(versionsFall(all)).isEmpty();
    }

    /** What an operator does: see {@code docs/TOPICS.md}, Rebuilding. */
    private void wipe(KafkaConfig kafka) throws Exception {
        try (Stream<Path> files = Files.walk(state)) {
            files.sorted(Comparator.reverseOrder()).forEach(ReplayIT::delete);
        }
        try (Admin admin = Admin.create(kafka.clientProperties("it"))) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                admin.deleteConsumerGroups(List.of(ConverterStreams.APPLICATION_ID))
                        .all()
                        .get();
                return true;
            });
            Set<String> internal = admin.listTopics().names().get().stream()
                    .filter(name -> name.startsWith(ConverterStreams.APPLICATION_ID + "-"))
                    .collect(Collectors.toSet());
            assertThat(internal).isNotEmpty();
            admin.deleteTopics(internal).all().get();
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until every partition has reported that it is as desired. */
    private static void awaitWalked(KafkaConfig kafka, long requests) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Map<Integer, WalkReport> reports = new HashMap<>();
            for (ConsumerRecord<String, byte[]> record : records(kafka, TopicCatalogue.WALKS)) {
                if (RecordJson.read(record.value(), WalkRecord.class) instanceof WalkReport report) {
                    reports.put(report.partition(), report);
                }
            }
            assertThat(reports).hasSize(kafka.partitions());
            assertThat(reports.values())
                    .allMatch(WalkReport::done)
                    .allMatch(report -> report.desired().requests() >= requests);
        });
    }

    /** By key, newest. */
    private static Map<String, String> newest(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, String> newest = new HashMap<>();
        records.forEach(record -> newest.put(record.key(), new String(record.value(), StandardCharsets.UTF_8)));
        return newest;
    }

    private static List<String> versionsFall(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, Long> highest = new HashMap<>();
        List<String> falls = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            long version = VersionHeader.get(record.headers()).orElseThrow();
            if (version < highest.merge(record.key(), version, Math::max)) {
                falls.add(record.key());
            }
        }
        return falls;
    }

    private static Set<String> tagsIn(List<ConsumerRecord<String, byte[]>> records) {
        return records.stream()
                .map(ConsumerRecord::key)
                .filter(key -> !RecordKeys.isDigest(key))
                .collect(Collectors.toSet());
    }

    private static int tagRecords(KafkaConfig kafka) {
        return (int) variants(kafka).stream()
                .filter(record -> !RecordKeys.isDigest(record.key()))
                .count();
    }

    private static void put(KafkaConfig kafka, Topic<?> topic, String key, Object value) throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                kafka.producerProperties("it"), new StringSerializer(), new ByteArraySerializer())) {
            int partition = TopicCatalogue.partition(
                    key, producer.partitionsFor(topic.name()).size());
            producer.send(new ProducerRecord<>(topic.name(), partition, key, RecordJson.write(value)))
                    .get();
        }
    }

    private static List<ConsumerRecord<String, byte[]>> variants(KafkaConfig kafka) {
        return records(kafka, TopicCatalogue.VARIANTS);
    }

    /** All of a topic, each partition in its order. */
    private static List<ConsumerRecord<String, byte[]>> records(KafkaConfig kafka, Topic<?> topic) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.consumerProperties("it"), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
        }
        return records;
    }
}
