package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.Hint;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import dev.precast.testkit.TopicContents;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * {@code kill -9} within 5 ms after a 200, again and again: {@code kill.runs} times, from the seed {@code kill.seed}. What was acknowledged
 * is in the topic, and ends in the image table.
 */
@ExtendWith(KafkaExtension.class)
class IngestKillIT {
    private final Map<String, Digest> newest = new HashMap<>();
    private final Set<String> acknowledged = new LinkedHashSet<>();

    @Test
    void acknowledgedEvent_survivesAKill(KafkaConfig kafka) throws Exception {
        long runs = Long.getLong("rig.kills", 6);
        long seed = Long.getLong("rig.seed", System.nanoTime());
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        try (ScriptedRegistry registry = ScriptedRegistry.start();
                ImageTable table = new ImageTable(kafka)) {
            for (int run = 0; run < runs; run++) {
                // Half the time the registry is closed, so that nothing acknowledged can be resolved before the kill.
                boolean closed = run % 2 == 0;
                registry.lock("Basic", any -> !closed);
                try (IngestProcess ingest = IngestProcess.start(kafka, registry.url())) {
                    push(new Events(ingest.address()), registry, random, run);
                    Thread.sleep(0, random.nextInt(1_000_000));
                    Thread.sleep(random.nextInt(5));
                }
            }
            Set<String> kept =
                    TopicContents.hints(kafka).stream().map(Hint::eventId).collect(Collectors.toSet());
            Set<String> missing = new LinkedHashSet<>(acknowledged);
            missing.removeAll(kept);
            new ReliabilityPage("Ingest killed after a 200", "build-bin/rig ingest-kill " + runs + " " + seed, seed)
                    .row("kills, 0 to 5 ms after an acknowledgement", runs, "")
                    .row("events acknowledged", acknowledged.size(), "")
                    .row("of these not in `precast-hints`", missing.size(), "0")
                    .write();
            assertThat(missing).as("acknowledged and lost, seed %d", seed).isEmpty();
            converge(kafka, registry, table, seed);
        }
    }

    private void push(Events events, ScriptedRegistry registry, Random random, int run) throws Exception {
        int count = 1 + random.nextInt(30);
        for (int i = 0; i < count; i++) {
            String repository = "killed/r" + random.nextInt(5);
            String tag = "t" + random.nextInt(20);
            String id = "kill-" + run + "-" + i;
            byte[] config = Images.config(id);
            registry.blob(repository, config);
            Digest root = registry.manifest(repository, tag, MediaTypes.SCHEMA2, Images.schema2(config));
            assertThat(events.push(id, repository, tag, root)).isEqualTo(200);
            acknowledged.add(id);
            newest.put(repository + ":" + tag, root);
        }
    }

    private void converge(KafkaConfig kafka, ScriptedRegistry registry, ImageTable table, long seed) throws Exception {
        registry.lock("Basic", any -> true);
        try (IngestProcess ingest = IngestProcess.start(kafka, registry.url())) {
            assertThat(ingest.address().getPort()).isPositive();
            newest.forEach((key, root) -> await(key + ", seed " + seed)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> table.root(key), root.toString()::equals));
        }
    }
}
