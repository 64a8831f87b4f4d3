package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.ReliabilityPage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Serving is away while things are deleted and hidden, for longer than tombstones live: the cleaner really has removed them. Then
 * the topic is made anew, and then emptied. Nothing that is gone may be served once serving is ready.
 */
class ResurrectionRig {
    private static final int DELETES = Integer.getInteger("rig.deletes", 1_000);
    private static final int HIDDEN = 100;
    private static final int PARTITIONS = 4;
    /** Repositories enough for each partition to have one. */
    private static final int FILLERS = 40;

    private static final ConfigResource VARIANTS =
            new ConfigResource(ConfigResource.Type.TOPIC, TopicCatalogue.VARIANTS.name());

    private final FakeUpstream upstream = new FakeUpstream();

    @Test
    void whatIsGone_staysGone(@TempDir Path folder) throws Exception {
        BrokerSettings settings = BrokerSettings.in(folder.resolve("kafka"), Limits.MAX_RECORD_BYTES);
        int tags = 2 * DELETES + HIDDEN;
        ReliabilityPage page = new ReliabilityPage(
                "What was deleted while serving was away", "build-bin/rig resurrection " + DELETES, null);
        try (upstream;
                BrokerProcess broker = new BrokerProcess(settings, notice -> System.err.println(notice))) {
            broker.start();
            KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), PARTITIONS);
            Path view = folder.resolve("view");
            BulkTopic bulk = new BulkTopic(kafka);
            bulk.makeTopics();
            try (Admin admin = Admin.create(kafka.clientProperties("rig"));
                    VariantTopic topic = new VariantTopic(kafka)) {
                topic.enable("bulk/*");
                bulk.fill(0, tags);
                served(kafka, view, 0, tags);
                deleteForGood(admin, kafka, topic);
                page.row("tags deleted while away, tombstones gone from the log", DELETES, "");
                check(page, "of them served afterwards", served(kafka, view, 0, DELETES), 0);
                check(page, "others served afterwards", served(kafka, view, DELETES, 2 * DELETES), DELETES);
                hide(topic);
                check(
                        page,
                        "tags of repositories turned off while away, served",
                        served(kafka, view, 2 * DELETES, tags),
                        0);
                recreate(admin, kafka);
                bulk.fill(DELETES, DELETES + 10);
                check(
                        page,
                        "topic made anew: tags of the old served",
                        served(kafka, view, DELETES + 10, 2 * DELETES),
                        0);
                check(page, "topic made anew: tags of the new served", served(kafka, view, DELETES, DELETES + 10), 10);
                bulk.fill(DELETES + 10, DELETES + 20);
                truncate(admin);
                bulk.fill(DELETES + 20, DELETES + 30);
                check(
                        page,
                        "topic emptied while away: unseen tags served",
                        served(kafka, view, DELETES, DELETES + 20),
                        0);
                check(
                        page,
                        "topic emptied while away: later tags served",
                        served(kafka, view, DELETES + 20, DELETES + 30),
                        10);
            }
        }
        page.write();
    }

    private static void check(ReliabilityPage page, String what, int found, int expected) {
        page.row(what, found, Integer.toString(expected));
        assertThat(found).as(what).isEqualTo(expected);
    }

    /** How many of the tags are served from the view, once it is ready. */
    private int served(KafkaConfig kafka, Path view, int from, int to) {
        try (Serving serving = Serving.start(
                        kafka, upstream.url(), view, "serving.auth", "open", "serving.open.repositories", "*")
                .ready()) {
            Http http = serving.http();
            return (int) IntStream.range(from, to)
                    .filter(tag -> http.get("/v2/" + BulkTopic.repository(tag) + "/manifests/" + BulkTopic.name(tag))
                            .body()
                            .equals(BulkTopic.manifest(tag).content()))
                    .count();
        }
    }

    /** Tombstones, and then the cleaner's work made quick, until the log holds nothing of what was deleted. */
    private static void deleteForGood(Admin admin, KafkaConfig kafka, VariantTopic topic) throws Exception {
        for (int tag = 0; tag < DELETES; tag++) {
            topic.tombstone(2, BulkTopic.repository(tag) + ":" + BulkTopic.name(tag));
            topic.tombstone(
                    2, BulkTopic.repository(tag) + "@" + BulkTopic.manifest(tag).digest());
        }
        configure(
                admin, Map.of("delete.retention.ms", "100", "segment.ms", "100", "min.cleanable.dirty.ratio", "0.001"));
        await().atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> {
                    for (int i = 0; i < FILLERS; i++) { // Only closed segments are cleaned, and writing closes them.
                        topic.publish(1, Images.schema1("filler/r" + i, "x"));
                    }
                    return tombstones(kafka) == 0;
                });
    }

    private static long tombstones(KafkaConfig kafka) {
        Properties properties = kafka.consumerProperties("rig");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            List<TopicPartition> partitions = partitions();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long found = 0;
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    found += record.value() == null ? 1 : 0;
                }
            }
            return found;
        }
    }

    private static void hide(VariantTopic topic) {
        for (int tag = 2 * DELETES; tag < 2 * DELETES + HIDDEN; tag++) {
            topic.off(BulkTopic.repository(tag));
        }
    }

    private static void recreate(Admin admin, KafkaConfig kafka) throws Exception {
        admin.deleteTopics(List.of(TopicCatalogue.VARIANTS.name())).all().get();
        TopicAdmin topics = new TopicAdmin(admin, kafka);
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            topics.apply(topics.plan());
            return topics.plan().isEmpty();
        });
    }

    private static void truncate(Admin admin) throws Exception {
        Map<TopicPartition, OffsetSpec> latest = partitions().stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        configure(admin, Map.of("cleanup.policy", "compact,delete"));
        Map<TopicPartition, RecordsToDelete> all = admin.listOffsets(latest).all().get().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        end -> RecordsToDelete.beforeOffset(end.getValue().offset())));
        admin.deleteRecords(all).all().get();
        configure(admin, Map.of("cleanup.policy", "compact"));
    }

    private static void configure(Admin admin, Map<String, String> values) throws Exception {
        List<AlterConfigOp> operations = values.entrySet().stream()
                .map(value ->
                        new AlterConfigOp(new ConfigEntry(value.getKey(), value.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        admin.incrementalAlterConfigs(Map.of(VARIANTS, operations)).all().get();
    }

    private static List<TopicPartition> partitions() {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new TopicPartition(TopicCatalogue.VARIANTS.name(), i))
                .toList();
    }

    static {
        assertThat(DELETES % BulkTopic.TAGS_A_REPOSITORY)
                .as("deletes are whole repositories")
                .isZero();
    }
}
