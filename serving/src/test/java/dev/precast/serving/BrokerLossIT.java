package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicAdmin;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Load;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.Ports;
import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker of this test's own, to be taken away; converters are away all the time. */
class BrokerLossIT {
    private static final int SECONDS = Integer.getInteger("rig.seconds", 6);
    private static final String PATH = "/v2/a/manifests/v1";

    private final VariantManifest manifest = Images.schema1("a", "v1");

    @TempDir
    Path folder;

    @Test
    void brokerKilledUnderLoad_servesOnAndCatchesUp() throws Exception {
        int port = Ports.free();
        try (FakeUpstream upstream = new FakeUpstream().readable("a");
                BrokerProcess broker = broker(port)) {
            KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), 2);
            fill(kafka);
            try (Serving serving = Serving.start(kafka, upstream.url(), folder.resolve("view"), staleness(60_000_000))
                    .ready()) {
                Load load = new Load(serving.app().address(), PATH, manifest.content()).run(SECONDS);
                kill(broker);
                Load without = new Load(serving.app().address(), PATH, manifest.content()).run(SECONDS);
                await().atMost(Duration.ofSeconds(60)).until(() -> age(serving) > SECONDS);
                double age = age(serving);
                assertThat(serving.app().health().ready()).isTrue();
                assertThat(serving.app().health().live()).isTrue();
                long back = System.nanoTime();
                double seconds = resumed(port, serving, back);
                new ReliabilityPage("The broker killed under load", "build-bin/rig serving-outage " + SECONDS, null)
                        .row("requests with the broker, " + SECONDS + " s", load.summary(), "")
                        .row("requests after SIGKILL of the only broker, " + SECONDS + " s", without.summary(), "")
                        .row("errors without the broker", without.errors(), "0")
                        .row("age of the view then, ready", Math.round(age) + " s, yes", "grows, yes")
                        .row(
                                "from the broker's start until a new tag was served",
                                Math.round(seconds) + " s",
                                "at most 30 s")
                        .write();
                assertThat(load.errors()).isZero();
                assertThat(without.errors()).isZero();
            }
        }
    }

    @Test
    void startWithoutBroker_servesOnlyWhereThatIsAskedFor() throws Exception {
        int port = Ports.free();
        Path view = folder.resolve("view");
        try (FakeUpstream upstream = new FakeUpstream().readable("a")) {
            KafkaConfig kafka = KafkaConfig.plaintext("127.0.0.1:" + port, 2);
            try (BrokerProcess broker = broker(port)) {
                fill(kafka);
                start(kafka, upstream.url(), view).ready().close();
                kill(broker);
            }
            try (Serving serving = start(kafka, upstream.url(), view)) {
                assertThat(serving.http().get(PATH).status()).isEqualTo(503);
                assertThat(serving.app().health().ready()).isFalse();
                assertThat(serving.app().health().live()).isTrue();
            }
            try (Serving serving = start(kafka, upstream.url(), view, "serving.start.stale", "true")
                    .ready()) {
                assertThat(serving.http().get(PATH).body()).isEqualTo(manifest.content());
            }
            try (Serving serving = start(
                    kafka, upstream.url(), view, "serving.start.stale", "true", "serving.max.staleness.ms", "3000")) {
                // Older than that by the time that Kafka was asked in vain.
                await().atMost(Duration.ofSeconds(60)).until(() -> age(serving) > 3);
                assertThat(serving.http().get(PATH).status()).isEqualTo(503);
                assertThat(serving.app().health().detail()).contains("serving.max.staleness.ms");
            }
        }
    }

    private double resumed(int port, Serving serving, long since) throws Exception {
        try (BrokerProcess again = broker(port);
                VariantTopic topic = new VariantTopic(KafkaConfig.plaintext(again.bootstrapServers(), 2))) {
            VariantManifest next = Images.schema1("a", "v2");
            topic.publish(2, next);
            topic.publish(2, Images.offers("a", "v2", 2, MediaTypes.SCHEMA2, next));
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> serving.http().get("/v2/a/manifests/v2").body().equals(next.content()));
            return (System.nanoTime() - since) / 1e9;
        }
    }

    private BrokerProcess broker(int port) throws IOException, InterruptedException {
        BrokerProcess broker = new BrokerProcess(
                new BrokerSettings(folder.resolve("kafka"), port, Limits.MAX_RECORD_BYTES, 128),
                notice -> System.err.println(notice));
        broker.start();
        return broker;
    }

    /** SIGKILL; and nobody starts it again. */
    private static void kill(BrokerProcess broker) {
        ProcessHandle.of(broker.pid()).ifPresent(ProcessHandle::destroyForcibly);
        broker.close();
    }

    private static String[] staleness(long millis) {
        return new String[] {"serving.max.staleness.ms", Long.toString(millis)};
    }

    private static Serving start(KafkaConfig kafka, URI upstream, Path view, String... settings) {
        return Serving.start(kafka, upstream, view, settings);
    }

    private void fill(KafkaConfig kafka) throws Exception {
        try (Admin admin = Admin.create(kafka.clientProperties("test"))) {
            TopicAdmin topics = new TopicAdmin(admin, kafka);
            topics.apply(topics.plan());
            await().until(() -> topics.plan().isEmpty());
        }
        try (VariantTopic topic = new VariantTopic(kafka)) {
            topic.enable("*");
            topic.publish(1, manifest);
            topic.publish(1, Images.offers("a", "v1", 1, MediaTypes.SCHEMA2, manifest));
        }
    }

    private static double age(Serving serving) {
        return serving.meters().get("precast.view.age").gauge().value();
    }
}
