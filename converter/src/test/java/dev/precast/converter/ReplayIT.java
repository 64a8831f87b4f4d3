package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.topology.ConverterStreams;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.WalkRequest;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
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
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "*", new RepositorySettings(true, List.of()));
        for (int i = 0; i < TAGS; i++) {
            ImageRecord image = Images.oci("team/r" + i % 7, "t" + i, i + 1L, "image " + i);
            TopicContents.put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
        }
        Map<String, String> before;
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(() -> tagsIn(variants(kafka)), tags -> tags.size() == TAGS);
            WalkReports.awaitDone(kafka, report -> true);
            List<ConsumerRecord<String, byte[]>> built = variants(kafka);
            before = newest(built);

            TopicContents.put(kafka, TopicCatalogue.WALKS, RecordKeys.walkRequest("*"), new WalkRequest("*", 1));
            WalkReports.awaitDone(kafka, report -> report.desired().requests() >= 0);
            assertThat(variants(kafka)).hasSameSizeAs(built);
            assertThat(commitsCounted())
                    .as("what a walk waits for between its steps")
                    .isTrue();
        }
        StateDirectory.awaitFree(state);
        assertThat(recordSizes(kafka)).containsOnly(String.valueOf(Limits.MAX_RECORD_BYTES));

        wipe(kafka);
        // Gone and turned off meanwhile: of neither anything is remembered.
        byte[] offers = before.getOrDefault("team/r0:t0", "").getBytes(StandardCharsets.UTF_8);
        send(kafka, TopicCatalogue.VARIANTS, "team/r0:gone", offers, 99);
        send(kafka, TopicCatalogue.IMAGES, "team/r0:gone", null, 100);
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "team/r1", RepositorySettings.OFF);
        before.keySet().removeIf(key -> key.startsWith("team/r1:"));
        List<ConsumerRecord<String, byte[]>> earlier = variants(kafka);
        Set<String> tags = tagsIn(earlier);
        assertThat(tags).hasSize(TAGS + 1).contains("team/r0:gone");
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            // Of each one record, or more: delivery is at least once.
            await().atMost(PATIENCE).until(() -> tagsIn(after(earlier, variants(kafka))), tags::equals);
        }
        StateDirectory.awaitFree(state);
        List<ConsumerRecord<String, byte[]>> all = variants(kafka);
        assertThat(all).hasSizeGreaterThan(earlier.size());
        // Manifests of tags that went meanwhile stay, see docs/TOPICS.md.
        assertThat(newest(all)).isEqualTo(before);
        assertThat(versionsFall(all)).isEmpty();
    }

    /** What an operator does: see {@code docs/TOPICS.md}, Rebuilding. */
    private void wipe(KafkaConfig kafka) throws Exception {
        StateDirectory.delete(state);
        try (Admin admin = Admin.create(kafka.clientProperties("it"))) {
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                admin.deleteConsumerGroups(List.of(ConverterStreams.APPLICATION_ID))
                        .all()
                        .get();
                return true;
            });
            admin.deleteTopics(internal(admin)).all().get();
        }
    }

    private static Set<String> internal(Admin admin) throws Exception {
        Set<String> internal = admin.listTopics().names().get().stream()
                .filter(name -> name.startsWith(ConverterStreams.APPLICATION_ID + "-"))
                .collect(Collectors.toSet());
        assertThat(internal).isNotEmpty();
        return internal;
    }

    /** What was set on the internal topics, whatever the brokers' default is. */
    private static Set<String> recordSizes(KafkaConfig kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties("it"))) {
            List<ConfigResource> topics = internal(admin).stream()
                    .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                    .toList();
            return admin.describeConfigs(topics).all().get().values().stream()
                    .map(config -> config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG))
                    .map(entry -> entry.source() == ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG
                            ? entry.value()
                            : "the default")
                    .collect(Collectors.toSet());
        }
    }

    /** Whether the stream threads have the metric that {@code VariantProcessor} asks for, and count in it. */
    private static boolean commitsCounted() throws Exception {
        MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
        Set<ObjectName> threads = beans.queryNames(
                new ObjectName("kafka.streams:type=stream-thread-metrics,thread-id=precast-converter-*"), null);
        double commits = 0;
        for (ObjectName thread : threads) {
            commits += (Double) beans.getAttribute(thread, "commit-total");
        }
        return commits > 0;
    }

    private static void send(KafkaConfig kafka, Topic<?> topic, String key, byte @Nullable [] value, long version)
            throws Exception {
        try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                kafka.producerProperties("it"), new StringSerializer(), new ByteArraySerializer())) {
            int partition = TopicCatalogue.partition(key, kafka.partitions());
            RecordHeaders headers = new RecordHeaders();
            VersionHeader.put(headers, version);
            producer.send(new ProducerRecord<>(topic.name(), partition, key, value, headers))
                    .get();
        }
    }

    /** By key, newest, without what is gone. */
    private static Map<String, String> newest(List<ConsumerRecord<String, byte[]>> records) {
        Map<String, String> newest = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() == null) {
                newest.remove(record.key());
            } else {
                newest.put(record.key(), new String(record.value(), StandardCharsets.UTF_8));
            }
        }
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

    /** Those of {@code all} that lie behind the earlier ones. */
    private static List<ConsumerRecord<String, byte[]>> after(
            List<ConsumerRecord<String, byte[]>> earlier, List<ConsumerRecord<String, byte[]>> all) {
        Map<Integer, Long> last = new HashMap<>();
        earlier.forEach(record -> last.merge(record.partition(), record.offset(), Math::max));
        return all.stream()
                .filter(record -> record.offset() > last.getOrDefault(record.partition(), -1L))
                .toList();
    }

    private static List<ConsumerRecord<String, byte[]>> variants(KafkaConfig kafka) {
        return TopicContents.of(kafka, TopicCatalogue.VARIANTS);
    }
}
