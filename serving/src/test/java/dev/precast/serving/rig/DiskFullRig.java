package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A file system of its own, small, is filled up under the view, to the marks and to the last byte, and emptied again. As root. */
@ExtendWith(KafkaExtension.class)
class DiskFullRig {
    private static final int MEGABYTES = 64;
    private static final int TAGS = 500;

    @Test
    void diskFull_warnsStopsAndRecovers(KafkaConfig kafka, @TempDir Path folder) throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=" + MEGABYTES + "m", "tmpfs", disk.toString());
        ReliabilityPage page = new ReliabilityPage("The disk of the view full", "build-bin/rig disk", null);
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka)) {
            topic.enable("*");
            BulkTopic bulk = new BulkTopic(kafka);
            bulk.fill(0, TAGS);
            try (Serving serving = Serving.start(
                            kafka,
                            upstream.url(),
                            disk.resolve("view"),
                            "serving.auth",
                            "open",
                            "serving.open.repositories",
                            "*")
                    .ready()) {
                fillUpTo(disk, 90);
                await().until(() -> serving.app().health().detail().contains("% full"));
                assertThat(serving.app().health().ready()).isTrue();
                page.row(
                        "at 90 %",
                        "ready, with a warning: " + serving.app().health().detail(), "a warning");
                fillUpTo(disk, 97);
                await().until(() -> !serving.app().health().ready());
                bulk.fill(TAGS, 2 * TAGS);
                page.row(
                        "at 97 %",
                        "not ready, right answers to " + allRight(serving, TAGS) + " of " + TAGS, "not ready, all");
                free(disk);
                page.row(
                        "after room was made: until it was ready and all there",
                        recovered(serving) + " s",
                        "at most 60 s");
                Files.deleteIfExists(disk.resolve("filler"));
                fillToTheLastByte(disk);
                bulk.fill(2 * TAGS, 3 * TAGS);
                await().until(() -> !serving.app().health().ready());
                page.row(
                        "full to the last byte",
                        "right answers to " + allRight(serving, 2 * TAGS) + " of " + 2 * TAGS,
                        "all");
                free(disk);
                page.row("after room was made: until it was ready", recovered(serving) + " s", "at most 60 s");
                await().atMost(Duration.ofSeconds(60)).until(() -> right(serving, 0, 3 * TAGS) == 3 * TAGS);
                assertThat(serving.app().health().live()).isTrue();
                page.row("tags served at the end, process never restarted", 3 * TAGS, "all");
            }
        } finally {
            run("umount", disk.toString());
        }
        page.write();
    }

    private static long recovered(Serving serving) {
        long start = System.nanoTime();
        await().atMost(Duration.ofSeconds(90))
                .until(() -> serving.app().health().ready());
        return Math.round((System.nanoTime() - start) / 1e9);
    }

    private static long allRight(Serving serving, int to) {
        long right = right(serving, 0, to);
        assertThat(right).isEqualTo(to);
        return right;
    }

    private static long right(Serving serving, int from, int to) {
        Http http = serving.http();
        return IntStream.range(from, to)
                .filter(tag -> http.get("/v2/" + BulkTopic.repository(tag) + "/manifests/" + BulkTopic.name(tag))
                        .body()
                        .equals(BulkTopic.manifest(tag).content()))
                .count();
    }

    private static void fillUpTo(Path disk, int percent) throws IOException {
        long total = Files.getFileStore(disk).getTotalSpace();
        try (OutputStream out = Files.newOutputStream(
                disk.resolve("filler"),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.APPEND)) {
            byte[] chunk = new byte[64 << 10];
            while (Files.getFileStore(disk).getUsableSpace() > total * (100 - percent) / 100) {
                out.write(chunk);
            }
        }
    }

    private static void fillToTheLastByte(Path disk) throws IOException {
        try (OutputStream out = Files.newOutputStream(disk.resolve("filler"))) {
            byte[] chunk = new byte[4 << 10];
            while (true) {
                out.write(chunk);
            }
        } catch (IOException e) {
            System.out.println("Full: " + e.getMessage());
        }
    }

    private static void free(Path disk) throws IOException {
        Files.delete(disk.resolve("filler"));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        assertThat(status).as(String.join(" ", command)).isZero();
    }
}
