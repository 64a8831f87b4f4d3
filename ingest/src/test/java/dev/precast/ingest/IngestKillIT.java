package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code kill -9} in the millisecond after a 200, again and again. */
@ExtendWith(KafkaExtension.class)
class IngestKillIT {
    private static final int KILLS = 6;

    @Test
    void acknowledgedEvent_survivesAKill(KafkaConfig kafka) throws Exception {
        long seed = System.nanoTime();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        Map<String, Digest> acknowledged = new HashMap<>();
        try (ScriptedRegistry registry = ScriptedRegistry.start();
                ImageTable table = new ImageTable(kafka)) {
            for (int kill = 0; kill < KILLS; kill++) {
                // Half the time the registry is closed, so that nothing acknowledged can be resolved before the kill.
                boolean closed = kill % 2 == 0;
                registry.lock("Basic", any -> !closed);
                try (IngestProcess ingest = IngestProcess.start(kafka, registry.url())) {
                    Events events = new Events(ingest.address());
                    int count = 1 + random.nextInt(30);
                    for (int i = 0; i < count; i++) {
                        String repository = "killed/r" + random.nextInt(5);
                        String tag = "t" + random.nextInt(20);
                        byte[] config = Images.config(kill + "-" + i);
                        registry.blob(repository, config);
                        Digest root = registry.manifest(repository, tag, MediaTypes.SCHEMA2, Images.schema2(config));
                        assertThat(events.push(repository, tag, root)).isEqualTo(200);
                        acknowledged.put(repository + ":" + tag, root);
                    }
                    Thread.sleep(0, random.nextInt(900_000));
                }
            }
            registry.lock("Basic", any -> true);
            try (IngestProcess ingest = IngestProcess.start(kafka, registry.url())) {
                assertThat(ingest.address().getPort()).isPositive();
                acknowledged.forEach((key, root) -> await(key + ", seed " + seed)
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> table.root(key), root.toString()::equals));
            }
        }
    }
}
