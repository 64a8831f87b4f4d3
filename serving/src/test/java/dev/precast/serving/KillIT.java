package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.rig.ServingChild;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed without warning, again and again, while it fills its view and while it writes to it. */
@ExtendWith(KafkaExtension.class)
class KillIT {
    private static final int KILLS = Integer.getInteger("rig.kills", 4);
    private static final long SEED = Long.getLong("rig.seed", System.nanoTime());
    private static final int LONGEST_LIFE_MILLIS = 1_500;

    @Test
    void killedWhileWriting_losesNothing(KafkaConfig kafka, @TempDir Path data) throws Exception {
        System.out.println("KillIT: seed " + SEED);
        AtomicInteger published = new AtomicInteger();
        AtomicBoolean stop = new AtomicBoolean();
        try (FakeUpstream upstream = new FakeUpstream().readable("kill/app");
                VariantTopic topic = new VariantTopic(kafka)) {
            topic.enable("*");
            Thread writer = new Thread(() -> {
                while (!stop.get()) {
                    publish(topic, published.get());
                    published.incrementAndGet();
                }
            });
            writer.start();
            try {
                killAgainAndAgain(kafka, upstream, data);
            } finally {
                stop.set(true);
                writer.join();
            }
            double rebuilds = lookForEveryTag(kafka, upstream, data, published.get());
            new ReliabilityPage(
                            "Serving killed while it writes", "build-bin/rig serving-kill " + KILLS + " " + SEED, SEED)
                    .row("SIGKILLs, up to " + LONGEST_LIFE_MILLIS + " ms after each start", KILLS, "")
                    .row("tags published meanwhile", published.get(), "")
                    .row("tags missing or wrong afterwards", 0, "0")
                    .row("times the view had to be built anew", (int) rebuilds, "0")
                    .write();
        }
        assertThat(published.get()).isGreaterThan(100);
    }

    private static void killAgainAndAgain(KafkaConfig kafka, FakeUpstream upstream, Path data) throws Exception {
        Random random = new Random(SEED);
        for (int kill = 0; kill < KILLS; kill++) {
            ServingChild child =
                    ServingChild.start(kafka, upstream.url(), data, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
            TimeUnit.MILLISECONDS.sleep(random.nextInt(LONGEST_LIFE_MILLIS));
            child.kill();
        }
    }

    private static double lookForEveryTag(KafkaConfig kafka, FakeUpstream upstream, Path data, int published) {
        try (Serving serving = Serving.start(kafka, upstream.url(), data).ready()) {
            Http http = serving.http();
            for (int i = 0; i < published; i++) {
                assertThat(http.get("/v2/kill/app/manifests/t" + i).body())
                        .as("tag t%d of %d, seed %d", i, published, SEED)
                        .isEqualTo(Images.schema1("kill/app", "t" + i).content());
            }
            double rebuilds = serving.counter("precast.view.rebuilds");
            assertThat(rebuilds).as("rebuilds, seed %d", SEED).isZero();
            return rebuilds;
        }
    }

    private static void publish(VariantTopic topic, int i) {
        VariantManifest manifest = Images.schema1("kill/app", "t" + i);
        topic.publish(i, manifest);
        topic.publish(i, Images.offers("kill/app", "t" + i, i, MediaTypes.SCHEMA2, manifest));
    }
}
