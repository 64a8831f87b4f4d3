package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A registry of whose answers three in ten go wrong. */
@ExtendWith(KafkaExtension.class)
class IngestChaosIT {
    private static final int TAGS = 40;
    private static final int MOVES = 4;

    private final Map<String, Digest> last = new HashMap<>();
    private final Map<String, Set<Digest>> pushed = new HashMap<>();

    @Test
    void everyTagConverges_andNothingWrongIsEverWritten(KafkaConfig kafka) throws Exception {
        long seed = System.nanoTime();
        System.err.println("seed " + seed);
        try (ScriptedRegistry registry = ScriptedRegistry.start();
                ScriptedRegistry canary = ScriptedRegistry.start();
                ImageTable table = new ImageTable(kafka);
                IngestApp ingest =
                        new IngestApp(config(registry), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            registry.chaos(chaos(new Random(seed), canary));
            ingest.start();
            Events events = new Events(ingest.eventsAddress());
            for (int move = 0; move < MOVES; move++) {
                for (int tag = 0; tag < TAGS; tag++) {
                    push(registry, events, "chaos/r" + tag % 7, "t" + tag, "move " + move + " of " + tag);
                }
            }

            last.forEach((key, digest) -> await(key + ", seed " + seed)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> table.root(key), digest.toString()::equals));
            for (ImageRecord image : table.all()) {
                assertThat(image.refusal()).as("seed %d", seed).isNull();
                assertThat(pushed.get(image.repository() + ":" + image.tag()))
                        .as("seed %d", seed)
                        .contains(image.rootDigest());
                assertThat(image.configs()).as("seed %d", seed).hasSize(1);
            }
            assertThat(canary.requests()).as("seed %d", seed).isEmpty();
        }
    }

    private void push(ScriptedRegistry registry, Events events, String repository, String tag, String name)
            throws Exception {
        byte[] config = Images.config(name);
        registry.blob(repository, config);
        byte[] image = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, config, "");
        Digest root;
        if (name.hashCode() % 2 == 0) {
            registry.manifest(repository, "", MediaTypes.OCI_MANIFEST, image);
            byte[] index =
                    Images.index(Images.entry(MediaTypes.OCI_MANIFEST, image, Images.platform("linux", "amd64")));
            root = registry.manifest(repository, tag, MediaTypes.OCI_INDEX, index);
        } else {
            root = registry.manifest(repository, tag, MediaTypes.OCI_MANIFEST, image);
        }
        String key = repository + ":" + tag;
        last.put(key, root);
        pushed.computeIfAbsent(key, k -> new HashSet<>()).add(root);
        assertThat(events.push(repository, tag, root)).isEqualTo(200);
    }

    private static java.util.function.Supplier<Optional<Fault>> chaos(Random random, ScriptedRegistry canary) {
        List<Fault> faults = List.of(
                Fault.status(500),
                Fault.status(429, "Retry-After", "0"),
                Fault.reset(),
                Fault.cut(),
                Fault.trickle(),
                Fault.byteLess(),
                Fault.byteMore(),
                Fault.digestHeader("sha256:" + "0".repeat(64)),
                Fault.mediaType(MediaTypes.SCHEMA2),
                Fault.gzip(),
                Fault.html(200),
                Fault.html(404),
                Fault.redirect(canary.url() + "/stolen"));
        return () -> {
            synchronized (random) {
                return random.nextInt(10) < 3
                        ? Optional.of(faults.get(random.nextInt(faults.size())))
                        : Optional.empty();
            }
        };
    }

    private static IngestConfig config(ScriptedRegistry registry) {
        return IngestConfig.from(Map.of(
                "registry.url", registry.url().toString(),
                "registry.timeout.ms", "500",
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "500"));
    }
}
