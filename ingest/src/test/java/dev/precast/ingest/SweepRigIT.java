package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The sweep alone, with no event at all: a registry that was full before, then one in which tags moved, came and went, whose lists
 * drop, repeat, shuffle and cut. {@code -Drig.tags=N} for a larger one.
 */
@ExtendWith(KafkaExtension.class)
class SweepRigIT {
    private static final int TAGS = Integer.getInteger("rig.tags", 300);
    private static final int REPOSITORIES = Math.max(5, TAGS / 50);
    private static final Duration PATIENCE = Duration.ofSeconds(60 + TAGS / 20);

    private final long seed = Long.getLong("rig.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final Map<String, String> expected = new HashMap<>();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void sweepAlone_makesARegistryRight_andForgetsNothingThatIsThere(KafkaConfig kafka) throws Exception {
        System.err.println("seed " + seed);
        ReliabilityPage report = new ReliabilityPage(
                "Sweep alone, with lists that lie", "build-bin/rig sweep " + TAGS + " " + seed, seed);
        for (int i = 0; i < TAGS; i++) {
            put(i, "first");
        }
        try (ImageTable table = new ImageTable(kafka)) {
            report.row("tags", TAGS, "");
            long backfill = pass(kafka, table);
            report.row("backfill, s", String.format(Locale.ROOT, "%.2f", backfill / 1e3), "")
                    .row("requests of it per tag", String.format(Locale.ROOT, "%.2f", requestsPerTag(0)), "");

            assertThat(repairs()).as("backfill is no repair").isZero();

            Set<String> gone = drift();
            distort();
            int before = registry.requests().size();
            double repairsBefore = repairs();
            long repair = pass(kafka, table);
            Map<String, Optional<ImageRecord>> found = table.read();
            List<String> wrong = expected.entrySet().stream()
                    .filter(entry -> !found.getOrDefault(entry.getKey(), Optional.empty())
                            .map(image -> image.rootDigest().toString().equals(entry.getValue()))
                            .orElse(false))
                    .map(Map.Entry::getKey)
                    .toList();
            long tombstones = found.values().stream().filter(Optional::isEmpty).count();
            gone.forEach(key ->
                    assertThat(found.get(key)).as("%s, seed %d", key, seed).isEmpty());

            report.row("gone from the registry", gone.size(), "")
                    .row("pass with drift, s", String.format(Locale.ROOT, "%.2f", repair / 1e3), "")
                    .row("requests of it per tag", String.format(Locale.ROOT, "%.2f", requestsPerTag(before)), "")
                    .row("repaired", (long) (repairs() - repairsBefore), "")
                    .row("wrong tags", wrong.size(), "0")
                    .row("false tombstones", tombstones - gone.size(), "0");
            report.write();
            assertThat(wrong).as("seed %d", seed).isEmpty();
            assertThat(tombstones).as("seed %d", seed).isEqualTo(gone.size());
        }
    }

    /** Starts ingest, which sweeps at once, and ends it when the table is right. Milliseconds. */
    private long pass(KafkaConfig kafka, ImageTable table) {
        long start = System.nanoTime();
        try (IngestApp ingest = new IngestApp(config(), kafka, Clock.systemUTC(), meters)) {
            ingest.start();
            await("seed " + seed).atMost(PATIENCE).until(() -> roots(table).equals(expected));
            return Duration.ofNanos(System.nanoTime() - start).toMillis();
        }
    }

    /** Of one reading: what one reading still has and another lacks would come out even. */
    private static Map<String, String> roots(ImageTable table) {
        Map<String, String> roots = new HashMap<>();
        table.read()
                .forEach((key, found) -> found.ifPresent(
                        image -> roots.put(key, image.rootDigest().toString())));
        return roots;
    }

    /** One in a hundred moves, as many are new, a few go. Returns the keys that went. */
    private Set<String> drift() {
        int some = Math.max(3, TAGS / 100);
        for (int i = 0; i < some; i++) {
            put(random.nextInt(TAGS), "moved");
            put(TAGS + i, "new");
        }
        Set<String> gone = new HashSet<>();
        for (int i = 0; i < Math.min(some, 8); i++) { // Fewer than the guard asks about.
            int tag = random.nextInt(TAGS);
            registry.remove(repository(tag), "t" + tag);
            gone.add(repository(tag) + ":t" + tag);
        }
        expected.keySet().removeAll(gone);
        return gone;
    }

    private void distort() {
        Random pages = new Random(random.nextLong());
        UnaryOperator<List<String>> distortion = page -> {
            synchronized (pages) {
                List<String> worse = new ArrayList<>(page);
                // What is new can only be found on a list; what is known is asked for, listed or not.
                worse.removeIf(name -> !isNew(name) && pages.nextInt(3) == 0);
                page.forEach(name -> {
                    if (pages.nextInt(5) == 0) {
                        worse.add(name);
                    }
                });
                Collections.shuffle(worse, pages);
                return worse;
            }
        };
        registry.pages(distortion);
        registry.fail("/tags/list", Fault.cut(), Fault.byteLess(), Fault.status(500), Fault.reset(), Fault.html(200));
    }

    private static boolean isNew(String name) {
        return name.startsWith("sweep/") || (name.startsWith("t") && Integer.parseInt(name.substring(1)) >= TAGS);
    }

    private void put(int tag, String content) {
        byte[] config = Images.config(content + " " + tag);
        registry.blob(repository(tag), config);
        Digest root = registry.manifest(repository(tag), "t" + tag, MediaTypes.SCHEMA2, Images.schema2(config));
        expected.put(repository(tag) + ":t" + tag, root.toString());
    }

    private static String repository(int tag) {
        return "sweep/r" + tag % REPOSITORIES;
    }

    private double requestsPerTag(int before) {
        return (registry.requests().size() - before) / (double) expected.size();
    }

    private double repairs() {
        return meters.find("precast.sweep.repairs").counters().stream()
                .mapToDouble(io.micrometer.core.instrument.Counter::count)
                .sum();
    }

    private IngestConfig config() {
        return IngestConfig.from(Map.of(
                "registry.url", registry.url().toString(),
                "ingest.listen", "127.0.0.1:0",
                "sweep.rate", "200",
                "sweep.interval.ms", "86400000",
                "resolver.delete.confirm.ms", "300"));
    }
}
