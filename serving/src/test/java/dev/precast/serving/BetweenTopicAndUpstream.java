package dev.precast.serving;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a test of serving publishes, and the registry that it has behind. */
@ExtendWith(KafkaExtension.class)
abstract class BetweenTopicAndUpstream {
    final KafkaConfig kafka;
    final VariantTopic topic;
    final FakeUpstream upstream = new FakeUpstream();

    @TempDir
    Path data;

    BetweenTopicAndUpstream(KafkaConfig kafka) {
        this.kafka = kafka;
        this.topic = new VariantTopic(kafka);
    }

    @AfterEach
    void close() {
        topic.close();
        upstream.close();
    }

    Serving start(String... settings) {
        return Serving.start(kafka, upstream.url(), data, settings).ready();
    }

    /** The schema 1 form of the tag {@code v1}, whose root is schema 2. */
    VariantManifest publish(String repository) {
        VariantManifest built = Images.schema1(repository, "v1");
        topic.publish(1, built);
        topic.publish(1, Images.offers(repository, "v1", 1, MediaTypes.SCHEMA2, built));
        return built;
    }

    /** Lets the upstream have the tag {@code v1}, for everybody. */
    void has(String repository) {
        has(repository, Images.ROOT);
    }

    /** Lets the tag {@code v1} point there, for everybody. */
    void has(String repository, Digest root) {
        upstream.readable(repository).on("/v2/" + repository + "/manifests/v1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", root.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
    }
}
