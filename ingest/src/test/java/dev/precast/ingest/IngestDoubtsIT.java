package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
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
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is recorded though it may have been garbled on the way, and what becomes of it. */
@ExtendWith(KafkaExtension.class)
class IngestDoubtsIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void configThatComesAfterTheSchedule_isFoundByTheSweep_alsoAfterARestart(KafkaConfig kafka) throws Exception {
        byte[] config = Images.config("late");
        Digest root = registry.manifest("doubts/app", "v1", MediaTypes.SCHEMA2, Images.schema2(config));
        try (ImageTable table = new ImageTable(kafka)) {
            try (IngestApp ingest = start(kafka, Map.of("sweep.interval.ms", "200"))) {
                push(ingest, "doubts/app", "v1", root);
                await().atMost(SOON).until(() -> reason(table, "doubts/app:v1"), RefusalReason.BLOB_MISSING::equals);
                int before = passes();
                await().atMost(SOON).until(() -> passes() > before + 3 && gauge("precast.resolver.pending") == 0);
                table.readToEnd();
                assertThat(table.versions("doubts/app:v1"))
                        .as("no record while it says the same")
                        .hasSize(1);
            }
            registry.blob("doubts/app", config);
            try (IngestApp ingest = start(kafka, Map.of("sweep.interval.ms", "200"))) {
                await().atMost(SOON).until(() -> isWhole(table, "doubts/app:v1"));
                assertThat(ingest.health().live()).isTrue();
                assertThat(table.versions("doubts/app:v1")).hasSize(2);
            }
        }
    }

    @Test
    void movedTag_whoseConfigIsNotHandedOut_losesItsOldImage_andIsHealedByTheSweep(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, Map.of("sweep.interval.ms", "500"))) {
            push(ingest, "doubts/closed", "v1", put("doubts/closed", "old"));
            await().atMost(SOON).until(() -> isWhole(table, "doubts/closed:v1"));

            AtomicBoolean closed = spoil("moved", Fault.redirect("https://127.0.0.1/elsewhere"));
            Digest moved = put("doubts/closed", "moved");
            push(ingest, "doubts/closed", "v1", moved);
            await().atMost(SOON).until(() -> reason(table, "doubts/closed:v1"), RefusalReason.BLOB_MISSING::equals);
            assertThat(table.root("doubts/closed:v1")).isEqualTo(moved.toString());

            closed.set(false);
            await().atMost(SOON).until(() -> isWhole(table, "doubts/closed:v1"));
            assertThat(table.root("doubts/closed:v1")).isEqualTo(moved.toString());
        }
    }

    @Test
    void movedTag_whoseConfigOnlyFails_losesItsOldImageWhenItsHintIsPutBack(KafkaConfig kafka) throws Exception {
        Map<String, String> more = Map.of(
                "sweep.enabled", "false",
                "resolver.requeue.after.ms", "1000",
                "registry.breaker.failures", "1000000");
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, more)) {
            push(ingest, "doubts/failing", "v1", put("doubts/failing", "old"));
            await().atMost(SOON).until(() -> isWhole(table, "doubts/failing:v1"));

            AtomicBoolean failing = spoil("failing", Fault.status(503));
            Digest moved = put("doubts/failing", "failing");
            push(ingest, "doubts/failing", "v1", moved);
            await().atMost(SOON).until(() -> reason(table, "doubts/failing:v1"), RefusalReason.BLOB_MISSING::equals);
            assertThat(table.root("doubts/failing:v1")).isEqualTo(moved.toString());

            failing.set(false);
            await().atMost(SOON).until(() -> isWhole(table, "doubts/failing:v1"));
        }
    }

    @Test
    void whatIsGarbledForAWhile_withdrawsNothing(KafkaConfig kafka) throws Exception {
        Map<String, String> more = Map.of("sweep.enabled", "false", "resolver.doubt.ms", "86400000");
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, more)) {
            Digest root = put("doubts/garbled", "garbled");
            push(ingest, "doubts/garbled", "v1", root);
            await().atMost(SOON).until(() -> isWhole(table, "doubts/garbled:v1"));
            await().atMost(SOON).until(() -> gauge("precast.resolver.pending") == 0);

            AtomicBoolean garbled = spoil("garbled", Fault.byteLess());
            for (int i = 0; i < 7; i++) {
                int before = configsRead();
                push(ingest, "doubts/garbled", "v1", root);
                await().atMost(SOON).until(() -> configsRead() > before);
            }
            garbled.set(false);
            push(ingest, "doubts/garbled", "v1", root);
            await().atMost(SOON).until(() -> gauge("precast.resolver.pending") == 0);
            table.readToEnd();
            assertThat(table.versions("doubts/garbled:v1")).hasSize(1);
        }
    }

    private Digest put(String repository, String name) {
        byte[] config = Images.config(name);
        registry.blob(repository, config);
        return registry.manifest(repository, "v1", MediaTypes.SCHEMA2, Images.schema2(config));
    }

    /** Asking for this config goes wrong until the switch is turned off. */
    private AtomicBoolean spoil(String name, Fault fault) {
        AtomicBoolean on = new AtomicBoolean(true);
        Fault next = (exchange, right) -> (on.get() ? fault : Fault.none()).answer(exchange, right);
        registry.fail(
                "/blobs/" + Digest.sha256(Images.config(name)),
                Collections.nCopies(10_000, next).toArray(Fault[]::new));
        return on;
    }

    private IngestApp start(KafkaConfig kafka, Map<String, String> more) {
        meters = new SimpleMeterRegistry();
        Map<String, String> values = new HashMap<>(Map.of(
                "registry.url", registry.url().toString(),
                "registry.timeout.ms", "2000",
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "resolver.reread.delays", "0,10",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "200",
                "resolver.delete.confirm.ms", "200",
                "resolver.doubt.ms", "400"));
        values.putAll(more);
        IngestApp ingest = new IngestApp(IngestConfig.from(values), kafka, Clock.systemUTC(), meters);
        ingest.start();
        return ingest;
    }

    private static void push(IngestApp ingest, String repository, String tag, Digest digest) throws Exception {
        assertThat(new Events(ingest.eventsAddress()).push(repository, tag, digest))
                .isEqualTo(200);
    }

    /** Why the key's last record is refused; absent when it is not, or when there is none. */
    private static @Nullable RefusalReason reason(ImageTable table, String key) {
        return table.read()
                .getOrDefault(key, Optional.empty())
                .map(ImageRecord::refusal)
                .map(Refusal::reason)
                .orElse(null);
    }

    private static boolean isWhole(ImageTable table, String key) {
        return table.read()
                .getOrDefault(key, Optional.empty())
                .filter(image -> image.refusal() == null && image.configs().size() == 1)
                .isPresent();
    }

    /** Sweeps that were begun. */
    private int passes() {
        return (int) registry.requests().stream()
                .filter(request -> request.path().equals("/v2/_catalog"))
                .count();
    }

    private int configsRead() {
        return (int) registry.requests().stream()
                .filter(request -> request.path().contains("/blobs/"))
                .count();
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }
}
