package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.metrics.ServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ViewReaderTest {
    private static final Instant FULL_AT = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path folder;

    /** What was deleted meanwhile may have left no tombstone: how long the topics keep them is for the topics to say. */
    @ParameterizedTest
    @CsvSource({"PT1H, PT29M, true", "PT1H, PT31M, false", "PT240H, PT11H, true", "PT240H, PT100H, false"})
    void startStale_ifYoungerThanHalfOfTheTopicsRetention(Duration retention, Duration age, boolean served)
            throws Exception {
        try (ManifestView left = view()) {
            left.open();
            left.current().rememberCheckpoint(FULL_AT, true);
            left.current().rememberRetention(retention);
            left.current().settle();
        }
        ViewConfig config = new ViewConfig(folder, Shard.WHOLE, 1 << 20, 0, Duration.ZERO, true, 100, 100);
        ViewReader.Time time = new ViewReader.Time(Clock.fixed(FULL_AT.plus(age), ZoneOffset.UTC), System::nanoTime);
        try (ViewReader reader =
                new ViewReader(nobody(), view(), config, time, new ServingMetrics(new SimpleMeterRegistry()))) {
            reader.start();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> reader.health().detail().contains("waiting for Kafka"));
            await().until(() -> reader.health().ready() || !served);
            assertThat(reader.health().ready()).isEqualTo(served);
        }
    }

    private ManifestView view() {
        return new ManifestView(folder, 1 << 20, Duration.ZERO, System::nanoTime, Shard.WHOLE);
    }

    /** Brokers at a port where nobody listens. */
    private static KafkaConfig nobody() {
        return KafkaConfig.from(Map.of("kafka.bootstrap.servers", "127.0.0.1:1"));
    }
}
