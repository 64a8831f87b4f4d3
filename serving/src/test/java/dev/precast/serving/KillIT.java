package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.ServingMain;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The process is killed without warning, again and again, while it writes. */
@ExtendWith(KafkaExtension.class)
class KillIT {
    private static final int KILLS = 4;

    @Test
    void killedWhileWriting_losesNothing(KafkaConfig kafka, @TempDir Path data) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
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
                for (int kill = 0; kill < KILLS; kill++) {
                    Process process = startProcess(kafka, upstream, data);
                    TimeUnit.MILLISECONDS.sleep(random.nextInt(1_500));
                    process.destroyForcibly().waitFor();
                }
            } finally {
                stop.set(true);
                writer.join();
            }
            try (Serving serving = Serving.start(kafka, upstream.url(), data).ready()) {
                Http http = serving.http();
                assertThat(serving.counter("precast.view.rebuilds")).isZero();
                for (int i = 0; i < published.get(); i++) {
                    assertThat(http.get("/v2/kill/app/manifests/t" + i).body())
                            .as("tag t%d of %d, seed %d", i, published.get(), seed)
                            .isEqualTo(Images.schema1("kill/app", "t" + i).content());
                }
            }
        }
        assertThat(published.get()).isGreaterThan(100);
    }

    private static void publish(VariantTopic topic, int i) {
        VariantManifest manifest = Images.schema1("kill/app", "t" + i);
        topic.publish(i, manifest);
        topic.publish(i, Images.offers("kill/app", "t" + i, i, MediaTypes.SCHEMA2, manifest));
    }

    private static Process startProcess(KafkaConfig kafka, FakeUpstream upstream, Path data) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ServingMain.class.getName(),
                        kafka.bootstrapServers(),
                        Integer.toString(kafka.partitions()),
                        upstream.url().toString(),
                        data.toString())
                .redirectErrorStream(true)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder all = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("started")) {
                return process;
            }
            all.append(line).append('\n');
        }
        throw new IOException("The process ended: " + all);
    }
}
