package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that stops answering for a while, in the middle of things. */
class IngestOutageIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void brokerThatHangs_gives503InTime_andNothingIsLostAfterwards(@TempDir Path directory) throws Exception {
        try (BrokerProcess broker = new BrokerProcess(
                        BrokerSettings.in(directory, Limits.MAX_RECORD_BYTES), notice -> System.err.println(notice));
                ScriptedRegistry registry = ScriptedRegistry.start()) {
            broker.start();
            KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), 4);
            try (Admin admin = Admin.create(kafka.clientProperties("test"))) {
                TopicAdmin topics = new TopicAdmin(admin, kafka);
                topics.apply(topics.plan());
            }
            IngestConfig config = IngestConfig.from(
                    Map.of("registry.url", registry.url().toString(), "ingest.listen", "127.0.0.1:0"));
            try (IngestApp ingest = new IngestApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
                ingest.start();
                pushThroughAnOutage(broker, registry, kafka, new Events(ingest.eventsAddress()));
            }
        }
    }

    private static void pushThroughAnOutage(
            BrokerProcess broker, ScriptedRegistry registry, KafkaConfig kafka, Events events) throws Exception {
        // The first answers of a cold ingest may take longer than it waits for the broker.
        await().atMost(SOON).until(() -> push(registry, events, "before"), status -> status == 200);
        signal("STOP", broker);
        List<Integer> during = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                during.add(push(registry, events, "during"));
            }
        } finally {
            signal("CONT", broker);
        }
        assertThat(during).containsOnly(503);
        // As the registry does: the same event again until it is taken.
        await().atMost(SOON).until(() -> push(registry, events, "during"), status -> status == 200);
        try (ImageTable table = new ImageTable(kafka)) {
            for (String tag : List.of("before", "during")) {
                Digest root = Digest.sha256(Images.schema2(Images.config(tag)));
                await(tag).atMost(SOON).until(() -> table.root("library/outage:" + tag), root.toString()::equals);
            }
        }
    }

    private static int push(ScriptedRegistry registry, Events events, String tag) throws Exception {
        byte[] config = Images.config(tag);
        registry.blob("library/outage", config);
        Digest root = registry.manifest("library/outage", tag, MediaTypes.SCHEMA2, Images.schema2(config));
        return events.push("library/outage", tag, root);
    }

    private static void signal(String name, BrokerProcess broker) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(broker.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
