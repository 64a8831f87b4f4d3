package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Two ingest processes share the sweep. Each reads a registry of its own with the same content, so that the registries' logs tell
 * who swept what.
 */
@ExtendWith(KafkaExtension.class)
class SweepSharingIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int REPOSITORIES = 24;
    private static final int PASSES = 2;
    /** To the group, one that is killed is like one that is stopped: {@code build-bin/rig sharing} does it too. */
    private static final int KILLS = Integer.getInteger("rig.kills", 0);

    private final ScriptedRegistry first = ScriptedRegistry.start();
    private final ScriptedRegistry second = ScriptedRegistry.start();
    private final Set<String> all = new HashSet<>();
    private final ReliabilityPage report =
            new ReliabilityPage("Two ingest processes share the sweep", "build-bin/rig sharing", null);

    @AfterEach
    void close() {
        first.close();
        second.close();
    }

    @Test
    void everyRepository_isSweptByOneOfTwo_andByTheOtherWhenThatIsStoppedOrKilled(KafkaConfig kafka) throws Exception {
        for (int i = 0; i < REPOSITORIES; i++) {
            String repository = "shared/r" + i;
            put(first, repository, repository);
            put(second, repository, repository);
            all.add(repository);
        }
        try (IngestProcess one = start(kafka, first, "one");
                IngestProcess two = start(kafka, second, "two")) {
            await().atMost(SOON).until(() -> {
                Set<String> ofOne = lastPass(first);
                Set<String> ofTwo = lastPass(second);
                return !ofOne.isEmpty() && !ofTwo.isEmpty() && ofOne.size() + ofTwo.size() == REPOSITORIES;
            });
            Set<String> ofOne = lastPass(first);
            Set<String> ofTwo = lastPass(second);
            assertThat(ofOne).doesNotContainAnyElementsOf(ofTwo);
            int passesOfOne = passes(first).size();
            int passesOfTwo = passes(second).size();
            await().atMost(SOON)
                    .until(() -> passes(first).size() > passesOfOne + PASSES
                            && passes(second).size() > passesOfTwo + PASSES);
            assertPasses(first, passesOfOne, ofOne);
            assertPasses(second, passesOfTwo, ofTwo);
            report.row("repositories", REPOSITORIES, "")
                    .row("of these swept by one process, by the other", ofOne.size() + ", " + ofTwo.size(), "")
                    .row(
                            "passes looked at",
                            passes(first).size() - passesOfOne + passes(second).size() - passesOfTwo - 2,
                            "")
                    .row(
                            "repositories swept twice in a pass, or by both",
                            twice(first, passesOfOne)
                                    + twice(second, passesOfTwo)
                                    + ofOne.stream().filter(ofTwo::contains).count(),
                            "0");

            stopped(kafka, one, two, ofOne.iterator().next());

            if (KILLS > 0) {
                long killed = System.nanoTime();
                two.kill();
                await().atMost(SOON).until(() -> lastPass(first).equals(all));
                report.row(
                        "killed: until the other had swept everything, s",
                        (System.nanoTime() - killed) / 1_000_000_000,
                        "");
                int passes = passes(first).size();
                await().atMost(SOON).until(() -> passes(first).size() > passes + 1);
                assertPasses(first, passes, all);
            }
            assertThat(one.isAlive()).isTrue();
            report.write();
        }
    }

    /** One is stopped in the middle of reading a tag, which moves meanwhile: what it had read must not be written later. */
    private void stopped(KafkaConfig kafka, IngestProcess one, IngestProcess two, String repository) throws Exception {
        // Before it moves: otherwise the sweep may see that first, and what was read is written at once.
        CountDownLatch released = first.hold();
        byte[] stale = put(first, repository, "stale");
        try (ImageTable table = new ImageTable(kafka)) {
            int before = first.requests().size();
            assertThat(new Events(one.address()).push(repository, "v1", Digest.sha256(stale)))
                    .isEqualTo(200);
            await().atMost(SOON)
                    .until(() -> first.requests().stream()
                            .skip(before)
                            .anyMatch(request -> request.method().equals("GET")
                                    && request.path().equals("/v2/" + repository + "/manifests/v1")));
            one.pause();
            byte[] newest = put(second, repository, "newest");
            await().atMost(SOON).until(() -> lastPass(second).equals(all));
            Digest digest = Digest.sha256(newest);
            assertThat(new Events(two.address()).push(repository, "v1", digest)).isEqualTo(200);
            await().atMost(SOON).until(() -> table.root(repository + ":v1"), digest.toString()::equals);

            put(first, repository, "newest");
            released.countDown(); // With what was there when it was asked.
            one.resume();
            await().atMost(SOON).until(() -> {
                Set<String> ofFirst = lastPass(first);
                return !ofFirst.isEmpty() && ofFirst.size() + lastPass(second).size() == REPOSITORIES;
            });
            assertThat(table.root(repository + ":v1")).isEqualTo(digest.toString());
            long written = table.all().stream()
                    .filter(image -> Digest.sha256(stale).equals(image.rootDigest()))
                    .count();
            report.row("stopped while it read a tag that moved meanwhile: stale records written", written, "0");
            assertThat(written).isZero();
            assertThat(table.versions(repository + ":v1")).isSorted();
        }
    }

    private static byte[] put(ScriptedRegistry registry, String repository, String name) {
        byte[] config = Images.config(name);
        registry.blob(repository, config);
        byte[] manifest = Images.schema2(config);
        registry.manifest(repository, "v1", MediaTypes.SCHEMA2, manifest);
        return manifest;
    }

    /** In each pass since then, every repository of the share once, and no other. */
    private static void assertPasses(ScriptedRegistry registry, int since, Set<String> share) {
        List<List<String>> passes = passes(registry);
        for (List<String> pass : passes.subList(since, passes.size() - 1)) { // The last one goes on.
            assertThat(pass).containsExactlyInAnyOrderElementsOf(share);
        }
    }

    /** In passes that are over. */
    private static long twice(ScriptedRegistry registry, int since) {
        List<List<String>> passes = passes(registry);
        return passes.subList(since, passes.size() - 1).stream()
                .mapToLong(pass -> pass.size() - Set.copyOf(pass).size())
                .sum();
    }

    /** Of the last pass that is over. */
    private static Set<String> lastPass(ScriptedRegistry registry) {
        List<List<String>> passes = passes(registry);
        return passes.size() < 2 ? Set.of() : Set.copyOf(passes.get(passes.size() - 2));
    }

    /** Repositories whose tags were listed, by pass: each begins with the catalog. */
    private static List<List<String>> passes(ScriptedRegistry registry) {
        List<List<String>> passes = new ArrayList<>();
        for (ScriptedRegistry.Request request : registry.requests()) {
            String path = request.path();
            if (path.equals("/v2/_catalog")) {
                passes.add(new ArrayList<>());
            } else if (path.endsWith("/tags/list") && !passes.isEmpty()) {
                passes.get(passes.size() - 1)
                        .add(path.substring("/v2/".length(), path.length() - "/tags/list".length()));
            }
        }
        return passes;
    }

    private static IngestProcess start(KafkaConfig kafka, ScriptedRegistry registry, String name) throws Exception {
        return IngestProcess.start(
                kafka,
                registry.url(),
                Map.of(
                        "resolver.instance.id",
                        name,
                        "sweep.interval.ms",
                        "500",
                        "sweep.rate",
                        "1000",
                        "sweep.rate.max",
                        "1000",
                        "registry.timeout.ms",
                        "30000"));
    }
}
