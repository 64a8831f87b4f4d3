package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.Ports;
import dev.precast.testkit.ReliabilityPage;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broker that is gone for {@code outage.seconds} while a real registry is pushed to: it hears 503 and nothing else, and its own retry
 * brings every event afterwards.
 */
class RegistryOutageIT {
    private static final long SECONDS = Long.getLong("rig.seconds", 4);
    /** After which ingest says that it takes nothing, with as much again as the registry's backoff may leave out. */
    private static final long UNREADY_SECONDS = 60;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, Digest> pushed = new LinkedHashMap<>();

    @Test
    void brokerThatIsGone_gives503_andTheRegistrysRetryBringsEverything(@TempDir Path directory) throws Exception {
        assumeThat(DockerRegistry.available()).as(DockerRegistry.HOW_TO_GET).isTrue();
        // At a port of its own, where it is found again afterwards.
        BrokerSettings settings = new BrokerSettings(directory, Ports.free(), Limits.MAX_RECORD_BYTES, 128);
        int port = Ports.free();
        BrokerProcess broker = new BrokerProcess(settings, System.err::println);
        try {
            broker.start();
            KafkaConfig kafka = topics(broker);
            IngestConfig config = IngestConfig.from(
                    Map.of("registry.url", "http://127.0.0.1:" + port, "ingest.listen", "127.0.0.1:0"));
            try (IngestApp ingest = new IngestApp(config, kafka, Clock.systemUTC(), meters)) {
                ingest.start();
                try (DockerRegistry registry = registry(port, ingest)) {
                    push(registry, "before");
                    await().atMost(Duration.ofSeconds(30)).until(() -> answers(200) >= 1);
                    broker.close();
                    Map<String, Double> before = outcomes();
                    long taken = answers(200);
                    pushDuringTheOutage(registry);
                    assertThat(answers(200)).as("200 without a broker").isEqualTo(taken);
                    assertThat(grown(before)).as("answers without a broker").containsOnly("not_persisted");
                    assertThat(SECONDS < UNREADY_SECONDS || !ingest.health().ready())
                            .as("not ready: %s", ingest.health())
                            .isTrue();
                    long refused = answers(503);
                    assertThat(refused).isPositive();
                    broker = new BrokerProcess(settings, System.err::println);
                    broker.start();
                    assertThat(broker.bootstrapServers()).isEqualTo(kafka.bootstrapServers());
                    push(registry, "after");
                    converge(kafka, refused);
                }
            }
        } finally {
            broker.close();
        }
    }

    private void pushDuringTheOutage(DockerRegistry registry) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            push(registry, "during-" + i);
            Thread.sleep(200);
        }
    }

    private void push(DockerRegistry registry, String tag) throws Exception {
        byte[] config = Images.config(tag);
        registry.pushBlob("library/outage", config);
        pushed.put(tag, registry.pushManifest("library/outage", tag, MediaTypes.SCHEMA2, Images.schema2(config)));
    }

    private void converge(KafkaConfig kafka, long refused) throws Exception {
        long start = System.nanoTime();
        Map<String, String> expected = new LinkedHashMap<>();
        pushed.forEach((tag, root) -> expected.put("library/outage:" + tag, root.toString()));
        try (ImageTable table = new ImageTable(kafka)) {
            await().atMost(Duration.ofMinutes(2)).until(() -> table.agrees(expected));
        }
        new ReliabilityPage(
                        "No broker, under pushes to a real registry", "build-bin/rig ingest-outage " + SECONDS, null)
                .row("seconds without a broker", SECONDS, "")
                .row("tags pushed meanwhile, all right afterwards", pushed.size(), "all")
                .row("events answered 503 meanwhile, none otherwise", refused, "")
                .row("from the broker's return to the last tag, s", (System.nanoTime() - start) / 1_000_000_000, "")
                .write();
    }

    private long answers(int status) {
        Timer timer = meters.find("precast.ingest.ack")
                .tag("status", Integer.toString(status))
                .timer();
        return timer == null ? 0 : timer.count();
    }

    /** Everything that the door has said, 200 and all refusals, by what became of it. */
    private Map<String, Double> outcomes() {
        Map<String, Double> outcomes = new TreeMap<>();
        meters.find("precast.ingest.events")
                .counters()
                .forEach(counter -> outcomes.merge(
                        String.valueOf(counter.getId().getTag("outcome")), counter.count(), Double::sum));
        return outcomes;
    }

    private Set<String> grown(Map<String, Double> before) {
        Map<String, Double> after = outcomes();
        after.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
        return after.keySet();
    }

    private static DockerRegistry registry(int port, IngestApp ingest) throws Exception {
        return DockerRegistry.start(DockerRegistry.Options.DEFAULT
                .withPort(port)
                .withNotifications(
                        URI.create("http://127.0.0.1:" + ingest.eventsAddress().getPort() + "/events")));
    }

    private static KafkaConfig topics(BrokerProcess broker) throws Exception {
        KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), 4);
        try (Admin admin = Admin.create(kafka.clientProperties("test"))) {
            TopicAdmin topics = new TopicAdmin(admin, kafka);
            topics.apply(topics.plan());
        }
        return kafka;
    }
}
