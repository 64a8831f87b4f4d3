package dev.precast.e2e.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Stack;
import dev.precast.launcher.cluster.KeysTopic;
import dev.precast.launcher.cluster.RunningFile;
import dev.precast.launcher.cluster.WalksTopic;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * How long it takes to sign everything anew, and what live pushes feel of it. Not a test: {@code build-bin/resign-bench} runs it.
 * Everything is one {@code precast up} with its broker; image records are written as ingest would.
 */
final class ResignBench {
    private static final int COUNT = Integer.getInteger("resign.count", 100_000);
    private static final int TAGS = 100;
    private static final Duration LIVE_EVERY = Duration.ofMillis(100);

    private final List<String> rows = new ArrayList<>();

    @Test
    void resign() throws Exception {
        for (String type : System.getProperty("resign.types", "ec,rsa").split(",")) {
            run(type);
        }
        String file = System.getProperty("resign.report", "");
        if (!file.isEmpty()) {
            keepOtherRows(Path.of(file));
        }
        String table =
                "| key | images | seconds | images/s | CPU s | live pushes: p50 ms | p99 ms | max ms |\n|---|---|---|---|---|---|---|---|\n"
                        + String.join("\n", rows) + "\n";
        System.err.println(table);
        if (!file.isEmpty()) {
            Files.writeString(Path.of(file), page(table));
        }
    }

    /** Those that this run has not measured: RSA without the native provider takes a run of its own. */
    private void keepOtherRows(Path file) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        Set<String> measured = rows.stream().map(ResignBench::key).collect(Collectors.toSet());
        Files.readAllLines(file).stream()
                .filter(line -> line.startsWith("| EC") || line.startsWith("| RSA"))
                .filter(row -> !measured.contains(key(row)))
                .forEach(rows::add);
        Collections.sort(rows);
    }

    private static String key(String row) {
        return row.split("\\|")[1];
    }

    private static String name(String type) {
        boolean plain = System.getenv().getOrDefault("PRECAST_JAVA_OPTS", "").contains("-Dprecast.crypto.native=false");
        return (type.equals("ec") ? "EC P-256" : "RSA 2048") + (plain ? ", without the native provider" : "");
    }

    private void run(String type) throws Exception {
        Path folder = Stack.newFolder();
        String data = folder.resolve("data").toString();
        Precast.run(folder, "keys", "generate", "--type", type, "--data", data).requireSuccess();
        Precast.Listen listen = Precast.Listen.free();
        try (Precast up = Precast.up(
                folder,
                listen,
                "--registry",
                "http://127.0.0.1:1",
                "--set",
                "serving.auth=open",
                "--set",
                "serving.open.repositories=*",
                "--convert",
                "bench/*")) {
            KafkaConfig kafka = KafkaConfig.plaintext(bootstrapServers(Path.of(data)), 1);
            WalksTopic walks = new WalksTopic(kafka, Clock.systemUTC());
            try (ImageTopic images = new ImageTopic(kafka)) {
                fill(images);
                System.err.println("Waiting for the first builds.");
                awaitServed(up, COUNT - 1);
                Position target = new Position(
                        -1, -1, walks.request(new RepositoryPattern("warm/*")).requests());
                walks.await(target, sum -> {});
                Precast.run(folder, "keys", "generate", "--type", type, "--data", data)
                        .requireSuccess();
                rotateWhilePushing(type, up, kafka, walks, images);
            }
        }
    }

    private void rotateWhilePushing(String type, Precast up, KafkaConfig kafka, WalksTopic walks, ImageTopic images)
            throws Exception {
        LivePushes live = new LivePushes(images, new RegistryReader(up.url()));
        Thread pushing = new Thread(live, "live");
        pushing.start();
        TimeUnit.SECONDS.sleep(3);
        live.forget();
        long begun = System.nanoTime();
        double cpuBefore = cpuSeconds(up);
        Position target = new Position(-1, rotate(new KeysTopic(kafka)), -1);
        long[] next = {begun};
        walks.await(target, sum -> {
            if (System.nanoTime() > next[0]) {
                System.err.printf(Locale.ROOT, "%,d walked, about %,d to go%n", sum.walked(), sum.remaining());
                next[0] = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            }
        });
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = cpuSeconds(up) - cpuBefore;
        live.end = true;
        pushing.join();
        List<Long> millis = live.sorted();
        rows.add(String.format(
                Locale.ROOT,
                "| %s | %,d | %.1f | %,.0f | %.1f | %d | %d | %d |",
                name(type),
                COUNT,
                seconds,
                COUNT / seconds,
                cpu,
                at(millis, 0.5),
                at(millis, 0.99),
                at(millis, 1)));
    }

    /** The file is written a moment after everything is ready. */
    private static String bootstrapServers(Path data) throws Exception {
        Optional<RunningFile.Addresses> running = RunningFile.read(data);
        while (running.isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(50);
            running = RunningFile.read(data);
        }
        return running.get().bootstrapServers();
    }

    private static long rotate(KeysTopic topic) throws Exception {
        while (topic.read().in(KeyState.AVAILABLE).isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(200);
        }
        Instant now = Instant.now();
        List<SigningKeyRecord> states = new ArrayList<>();
        topic.read()
                .in(KeyState.AVAILABLE)
                .forEach(k -> states.add(new SigningKeyRecord(k.keyId(), k.jwk(), KeyState.ACTIVE, now, null)));
        topic.read()
                .in(KeyState.ACTIVE)
                .forEach(k -> states.add(new SigningKeyRecord(k.keyId(), k.jwk(), KeyState.PREVIOUS, now, null)));
        assertThat(states).hasSize(2);
        return topic.write(states);
    }

    private static void fill(ImageTopic images) {
        long begun = System.nanoTime();
        for (int i = 0; i < COUNT; i++) {
            images.send(SyntheticImages.image(repository(i), "t" + i % TAGS, i + 1L, "image " + i));
        }
        images.flush();
        System.err.printf(
                Locale.ROOT, "%,d image records written in %.1f s%n", COUNT, (System.nanoTime() - begun) / 1e9);
    }

    private static void awaitServed(Precast up, int last) throws InterruptedException {
        long begun = System.nanoTime();
        RegistryReader reader = new RegistryReader(up.url());
        for (int i = last; i >= Math.max(0, last - 8 * TAGS); i -= TAGS) {
            while (reader.get("/v2/" + repository(i) + "/manifests/t" + i % TAGS, MediaTypes.SCHEMA1_SIGNED)
                            .status()
                    != 200) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        System.err.printf(Locale.ROOT, "served after %.1f s%n", (System.nanoTime() - begun) / 1e9);
    }

    /** Of the process and its broker. */
    private static double cpuSeconds(Precast up) {
        return up.process().family().stream()
                .mapToDouble(process ->
                        process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3)
                .sum();
    }

    private static String repository(int i) {
        return "bench/r" + i / TAGS;
    }

    private static long at(List<Long> sorted, double quantile) {
        return sorted.isEmpty()
                ? -1
                : sorted.get((int) Math.min(sorted.size() - 1L, (long) (quantile * sorted.size())));
    }

    private static String page(String table) {
        return "# Signing everything anew\n\nMade by `build-bin/resign-bench` on "
                + Runtime.getRuntime().availableProcessors() + " cores, " + System.getProperty("os.name")
                + ": one `precast up`, its broker and this program, which writes the image records and asks as an old client, share"
                + " them. Rotation without overlap; \"live\" is from writing an image record until serving answers with it,"
                + " every 100 ms while everything is signed anew.\n\n" + table;
    }

    /** Pushes new images again and again, and takes the time until serving has them. */
    private static final class LivePushes implements Runnable {
        private final ImageTopic images;
        private final RegistryReader reader;
        private final List<Long> millis = Collections.synchronizedList(new ArrayList<>());
        private final Map<String, String> served = new HashMap<>();
        private volatile boolean end;

        LivePushes(ImageTopic images, RegistryReader reader) {
            this.images = images;
            this.reader = reader;
        }

        @Override
        public void run() {
            try {
                for (int i = 0; !end; i++) {
                    millis.add(push(i));
                    TimeUnit.NANOSECONDS.sleep(LIVE_EVERY.toNanos());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** Moves one of sixteen tags: asking for one that nobody has yet would ask the registry, too. */
        private long push(int i) throws Exception {
            long begun = System.nanoTime();
            String repository = "bench/live" + i % 16;
            images.put(SyntheticImages.image(repository, "t", COUNT + i + 1L, "live " + i));
            String before = served.getOrDefault(repository, "");
            String now = digest(repository);
            while (now.isEmpty() || now.equals(before)) {
                TimeUnit.MILLISECONDS.sleep(5);
                now = digest(repository);
            }
            served.put(repository, now);
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        }

        /** What is served; empty when that is nothing. */
        private String digest(String repository) {
            RegistryReader.Answer answer = reader.head("/v2/" + repository + "/manifests/t", MediaTypes.SCHEMA1_SIGNED);
            return answer.status() == 200 ? answer.digest() : "";
        }

        void forget() {
            millis.clear();
        }

        List<Long> sorted() {
            List<Long> sorted = new ArrayList<>(millis);
            Collections.sort(sorted);
            return sorted;
        }
    }
}
