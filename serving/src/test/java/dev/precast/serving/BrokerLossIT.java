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
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker of this test's own, to be taken away. */
class BrokerLossIT {
    private final VariantManifest manifest = Images.schema1("a", "v1");

    @Test
    void brokerLost_servesOn(@TempDir Path brokerData, @TempDir Path data) throws Exception {
        try (FakeUpstream upstream = new FakeUpstream().readable("a");
                BrokerProcess broker = new BrokerProcess(
                        BrokerSettings.in(brokerData, Limits.MAX_RECORD_BYTES), notice -> System.err.println(notice))) {
            broker.start();
            KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), 2);
            fill(kafka);
            try (Serving serving =
                    Serving.start(kafka, upstream.url(), data.resolve("view")).ready()) {
                Http http = serving.http();
                assertThat(http.get("/v2/a/manifests/v1").body()).isEqualTo(manifest.content());
                end(broker);
                await().atMost(Duration.ofSeconds(60)).until(() -> age(serving) > 12);
                assertThat(http.get("/v2/a/manifests/v1").body()).isEqualTo(manifest.content());
                assertThat(serving.app().health().ready()).isTrue();
                assertThat(serving.app().health().live()).isTrue();
            }
            try (Serving serving = Serving.start(kafka, upstream.url(), data.resolve("view"))) {
                assertThat(serving.http().get("/v2/a/manifests/v1").status()).isEqualTo(503);
                assertThat(serving.app().health().ready()).isFalse();
                assertThat(serving.app().health().live()).isTrue();
            }
        }
    }

    private static void end(BrokerProcess broker) {
        broker.close();
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
