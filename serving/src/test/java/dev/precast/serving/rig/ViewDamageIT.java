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
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bytes of the view's files are flipped, and files cut short, garbled or deleted, while the role is stopped and while it runs:
 * every answer is right or a 503, and at the end everything is there again without anybody's doing.
 */
@ExtendWith(KafkaExtension.class)
class ViewDamageIT {
    private static final int RUNS = Integer.getInteger("rig.runs", 4);
    private static final long SEED = Long.getLong("rig.seed", System.nanoTime());
    private static final int TAGS = 300;

    private final Random random = new Random(SEED);
    private final Map<String, Integer> counts = new TreeMap<>();

    @Test
    void damagedFiles_nothingWrongIsServed(KafkaConfig kafka, @TempDir Path data) throws Exception {
        System.out.println("ViewDamageIT: seed " + SEED);
        new BulkTopic(kafka).fill(0, TAGS);
        try (FakeUpstream upstream = new FakeUpstream();
                VariantTopic topic = new VariantTopic(kafka)) {
            topic.enable("*");
            start(kafka, upstream.url(), data).ready().close();
            for (int run = 0; run < RUNS; run++) {
                boolean running = run % 2 == 1;
                if (!running) {
                    damage(data);
                }
                try (Serving serving = start(kafka, upstream.url(), data)) {
                    if (running) {
                        serving.ready();
                        damage(data);
                    }
                    askUntilWhole(serving, run);
                }
            }
        }
        new ReliabilityPage("Damaged files of the view", "build-bin/rig damage " + RUNS + " " + SEED, SEED)
                .row("runs, every second one while serving", RUNS, "")
                .rows(counts)
                .row("wrong answers", 0, "0")
                .row("runs that ended with everything served again", RUNS, "all")
                .write();
        assertThat(counts.keySet()).anySatisfy(what -> assertThat(what).startsWith("bytes flipped"));
    }

    private static Serving start(KafkaConfig kafka, URI upstream, Path data) {
        return Serving.start(
                kafka,
                upstream,
                data,
                "serving.auth",
                "open",
                "serving.open.repositories",
                "*",
                "serving.cache.bytes",
                "1048576");
    }

    /** Each round asks for every tag; the run is over when a round brought all of them. */
    private void askUntilWhole(Serving serving, int run) {
        Http http = serving.http();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            long whole =
                    IntStream.range(0, TAGS).filter(tag -> ask(http, tag, run)).count();
            return whole == TAGS;
        });
        if (serving.counter("precast.view.rebuilds") > 0) {
            count("rebuilds");
        }
    }

    private boolean ask(Http http, int tag, int run) {
        Http.Response answer = http.get("/v2/" + BulkTopic.repository(tag) + "/manifests/" + BulkTopic.name(tag));
        if (answer.status() == 503) {
            count("answers 503");
            return false;
        }
        assertThat(answer.status())
                .as("tag %d, run %d, seed %d", tag, run, SEED)
                .isEqualTo(200);
        assertThat(answer.body())
                .as("tag %d, run %d, seed %d", tag, run, SEED)
                .isEqualTo(BulkTopic.manifest(tag).content());
        count("answers right");
        return true;
    }

    private void damage(Path data) throws IOException {
        List<Path> files = files(data);
        for (int left = 1 + random.nextInt(3); left > 0; left--) {
            try {
                damageFile(files.get(random.nextInt(files.size())));
            } catch (NoSuchFileException e) {
                // Deleted before, by us or by RocksDB, which does not need it any more.
            }
        }
    }

    private void damageFile(Path file) throws IOException {
        if (Files.size(file) == 0) {
            return;
        }
        switch (random.nextInt(8)) {
            case 0 -> {
                Files.delete(file);
                count("files deleted");
            }
            case 1 -> {
                cut(file);
                count("files cut short");
            }
            default -> {
                int flips = 1 + random.nextInt(20);
                flip(file, flips);
                counts.merge("bytes flipped", flips, Integer::sum);
            }
        }
    }

    private void flip(Path file, int flips) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            for (int i = 0; i < flips; i++) {
                long at = (long) (random.nextDouble() * bytes.length());
                bytes.seek(at);
                int old = bytes.read();
                bytes.seek(at);
                bytes.write(old ^ (1 + random.nextInt(255)));
            }
        }
    }

    private void cut(Path file) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength((long) (random.nextDouble() * bytes.length()));
        }
    }

    /** All but the lock, which holds nothing, and RocksDB's own log, which nobody reads. */
    private static List<Path> files(Path data) throws IOException {
        while (true) {
            try (Stream<Path> all = Files.walk(data)) {
                return all.filter(Files::isRegularFile)
                        .filter(file -> !file.getFileName().toString().startsWith("LO"))
                        .sorted()
                        .toList();
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException)) { // That one RocksDB has just deleted.
                    throw e;
                }
            }
        }
    }

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }
}
