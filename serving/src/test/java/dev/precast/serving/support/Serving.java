package dev.precast.serving.support;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.ServingApp;
import dev.precast.serving.ServingConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;

/** A running serving role on a free port. */
public final class Serving implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ServingApp app;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

    private Serving(ServingConfig config, KafkaConfig kafka, Clock clock) {
        app = new ServingApp(config, kafka, clock, meters);
        try {
            app.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Serving start(KafkaConfig kafka, URI upstream, Path data, String... settings) {
        return start(Clock.systemUTC(), kafka, upstream, data, settings);
    }

    /** @param settings key, value, key, value … */
    public static Serving start(Clock clock, KafkaConfig kafka, URI upstream, Path data, String... settings) {
        Map<String, String> values = new HashMap<>();
        values.put(ServingConfig.REGISTRY_URL, upstream.toString());
        values.put(ServingConfig.REGISTRY_TIMEOUT, "5000");
        values.put(ServingConfig.LISTEN, "127.0.0.1:0");
        values.put(ServingConfig.DATA, data.toString());
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return new Serving(ServingConfig.from(values), kafka, clock);
    }

    public Serving ready() {
        Awaitility.await().atMost(PATIENCE).until(() -> app.health().ready());
        return this;
    }

    public ServingApp app() {
        return app;
    }

    public Http http() {
        return new Http(app.address());
    }

    public double counter(String name) {
        return meters.get(name).counter().count();
    }

    public SimpleMeterRegistry meters() {
        return meters;
    }

    @Override
    public void close() {
        app.close();
    }
}
