package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.broker.BrokerProcess;
import dev.precast.broker.BrokerSettings;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.ReliabilityPage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long a view of many tags takes to fill from the topic, to open again, and after a kill; and what memory it takes. */
class ViewOpeningRig {
    private static final int TAGS = Integer.getInteger("rig.tags", 1_000_000);
    private static final int ASKED = 2_000;

    @Test
    void open(@TempDir Path folder) throws Exception {
        BrokerSettings settings = new BrokerSettings(folder.resolve("kafka"), 0, Limits.MAX_RECORD_BYTES, 384);
        ReliabilityPage page =
                new ReliabilityPage("A large view: filling and opening", "build-bin/rig opening " + TAGS, null);
        try (FakeUpstream upstream = new FakeUpstream();
                BrokerProcess broker = new BrokerProcess(settings, notice -> System.err.println(notice))) {
            broker.start();
            KafkaConfig kafka = KafkaConfig.plaintext(broker.bootstrapServers(), 8);
            BulkTopic bulk = new BulkTopic(kafka);
            bulk.makeTopics();
            try (VariantTopic topic = new VariantTopic(kafka)) {
                topic.enable("*");
            }
            long start = System.nanoTime();
            bulk.fill(0, TAGS);
            page.row("tags, each with offers and a manifest of 4 KB", TAGS, "");
            page.row("writing the topic", seconds(start), "");
            Path data = folder.resolve("view");
            opened(page, "from the topic, with nothing there", "at most 90 s", kafka, upstream, data, true);
            page.row("size of the view", size(data) + " MB", "");
            opened(page, "again, after SIGKILL", "at most 5 s", kafka, upstream, data, false);
            opened(page, "again, after SIGTERM", "at most 5 s", kafka, upstream, data, false);
        }
        page.write();
    }

    private static void opened(
            ReliabilityPage page,
            String how,
            String expected,
            KafkaConfig kafka,
            FakeUpstream upstream,
            Path data,
            boolean kill)
            throws Exception {
        long start = System.nanoTime();
        ServingChild serving = ServingChild.start(
                kafka,
                upstream.url(),
                data,
                List.of("-Xmx256m"),
                "serving.auth",
                "open",
                "serving.open.repositories",
                "*");
        try (serving) {
            serving.ready();
            page.row("until ready, " + how, seconds(start), expected);
            ask(serving.http());
            page.row(
                    "memory then, at most ever",
                    serving.megabytes() + " MB, " + serving.peakMegabytes() + " MB",
                    "at most 800 MB");
            if (kill) {
                serving.kill();
            }
        }
    }

    private static void ask(Http http) {
        Random random = new Random(1);
        for (int i = 0; i < ASKED; i++) {
            int tag = random.nextInt(TAGS);
            String path = "/v2/" + BulkTopic.repository(tag) + "/manifests/" + BulkTopic.name(tag);
            assertThat(http.get(path).body()).isEqualTo(BulkTopic.manifest(tag).content());
        }
    }

    private static String seconds(long since) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - since) / 1e9);
    }

    private static long size(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum()
                    >> 20;
        }
    }
}
