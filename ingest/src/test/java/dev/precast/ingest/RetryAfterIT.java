package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(KafkaExtension.class)
class RetryAfterIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Test
    void registryThatAsksToBeLeftAlone_isAskedForTheTagNoSooner(KafkaConfig kafka) throws Exception {
        AtomicLong refused = new AtomicLong();
        AtomicLong again = new AtomicLong();
        Fault busy = Fault.status(429, "Retry-After", "1");
        byte[] config = Images.config("busy");
        try (ScriptedRegistry registry = ScriptedRegistry.start();
                ImageTable table = new ImageTable(kafka);
                IngestApp ingest =
                        new IngestApp(config(registry), kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            registry.blob("busy/r", config);
            Digest root = registry.manifest("busy/r", "t", MediaTypes.SCHEMA2, Images.schema2(config));
            registry.fail(
                    "/v2/busy/r/manifests/t",
                    (exchange, right) -> {
                        refused.set(System.nanoTime());
                        busy.answer(exchange, right);
                    },
                    (exchange, right) -> {
                        again.set(System.nanoTime());
                        Fault.none().answer(exchange, right);
                    });
            ingest.start();
            assertThat(new Events(ingest.eventsAddress()).push("busy/r", "t", root))
                    .isEqualTo(200);

            await().atMost(PATIENCE).until(() -> table.root("busy/r:t"), root.toString()::equals);
        }
        assertThat(again.get() - refused.get())
                .isGreaterThanOrEqualTo(Duration.ofSeconds(1).toNanos());
    }

    private static IngestConfig config(ScriptedRegistry registry) {
        return IngestConfig.from(Map.of(
                "registry.url", registry.url().toString(),
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "sweep.enabled", "false",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "500"));
    }
}
