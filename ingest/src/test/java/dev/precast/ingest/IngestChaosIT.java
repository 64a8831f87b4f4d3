package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.ChaosProxy;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A registry of whose answers three in ten go wrong. {@code -Drig.tags=N} for more of it. */
@ExtendWith(KafkaExtension.class)
class IngestChaosIT {
    private static final int TAGS = Integer.getInteger("rig.tags", 20);
    private static final int MOVES = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(120 + TAGS);

    private final long seed = Long.getLong("rig.seed", System.nanoTime());
    private final Map<String, String> last = new HashMap<>();
    private final Map<String, Set<Digest>> pushed = new HashMap<>();
    /** Requests that reading each push takes when nothing goes wrong. */
    private int needs;

    @Test
    void everyTagConverges_andNothingWrongIsEverWritten(KafkaConfig kafka) throws Exception {
        System.err.println("seed " + seed);
        ReliabilityPage report =
                new ReliabilityPage("Upstream chaos", "build-bin/rig chaos " + TAGS + " " + seed, seed);
        try (ScriptedRegistry registry = ScriptedRegistry.start();
                ScriptedRegistry canary = ScriptedRegistry.start();
                ChaosProxy proxy = ChaosProxy.start(registry.url(), canary.url(), seed);
                ImageTable table = new ImageTable(kafka);
                IngestApp ingest =
                        new IngestApp(config(proxy.url()), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();
            Events events = new Events(ingest.eventsAddress());
            round(registry, events, table, "calm");
            int calm = proxy.requests();

            int calmNeeds = needs;
            proxy.spoil(30);
            long seconds = round(registry, events, table, "chaos");
            int spoilt = proxy.requests() - calm;
            // On a machine with much to do, of several moves only the last is read when nothing goes wrong.
            int needed = Math.max(calm, needs - calmNeeds);

            int wrong = 0;
            for (ImageRecord image : table.all()) {
                boolean right = image.refusal() == null
                        && image.configs().size() == 1
                        && pushed.getOrDefault(image.repository() + ":" + image.tag(), Set.of())
                                .contains(image.rootDigest());
                wrong += right ? 0 : 1;
            }
            report.row("tags that converged", last.size() / 2 + " of " + TAGS, "all")
                    .row("converged after the last push, s", seconds, "")
                    .row("wrong records", wrong, "0")
                    .row("requests, calm", calm, "")
                    .row("requests, with chaos", spoilt, "")
                    .row(
                            "times as many, or as all moves need",
                            String.format(Locale.ROOT, "%.2f", spoilt / (double) needed),
                            "3 at most")
                    .row("spoilt answers", proxy.done(), "")
                    .row("requests where redirects lead", canary.requests().size(), "0")
                    .write();
            assertThat(wrong).as("seed %d", seed).isZero();
            assertThat(canary.requests()).as("seed %d", seed).isEmpty();
            assertThat(spoilt).as("seed %d", seed).isLessThanOrEqualTo(3 * needed);
        }
    }

    /** Seconds from the last push until everything is right. */
    private long round(ScriptedRegistry registry, Events events, ImageTable table, String name) throws Exception {
        for (int move = 0; move < MOVES; move++) {
            for (int tag = 0; tag < TAGS; tag++) {
                push(registry, events, name + "/r" + tag % 7, "t" + tag, "move " + move + " of " + tag);
            }
        }
        long pushed = System.nanoTime();
        await("seed " + seed).atMost(PATIENCE).until(() -> table.agrees(last));
        return Duration.ofNanos(System.nanoTime() - pushed).toSeconds();
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
            needs += 3;
        } else {
            root = registry.manifest(repository, tag, MediaTypes.OCI_MANIFEST, image);
            needs += 2;
        }
        String key = repository + ":" + tag;
        last.put(key, root.toString());
        pushed.computeIfAbsent(key, k -> new HashSet<>()).add(root);
        assertThat(events.push(repository, tag, root)).isEqualTo(200);
    }

    private static IngestConfig config(URI registry) {
        return IngestConfig.from(Map.of(
                "registry.url", registry.toString(),
                "registry.timeout.ms", "1000",
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "sweep.enabled", "false",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "500"));
    }
}
