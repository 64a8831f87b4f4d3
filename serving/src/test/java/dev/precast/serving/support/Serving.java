package dev.precast.serving.support;

import dev.precast.schemas.config.RegistryKeys;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.ServingApp;
import dev.precast.serving.ServingConfig;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.view.ViewReader;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A running serving role on a free port. */
public final class Serving implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ServingApp app;
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    private Serving(ServingConfig config, KafkaConfig kafka, ViewReader.Time time) {
        app = new ServingApp(config, kafka, time, meters);
        try {
            app.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Serving start(KafkaConfig kafka, URI upstream, Path data, String... settings) {
        return start(Clock.systemUTC(), kafka, upstream, data, settings);
    }

    public static Serving start(Clock clock, KafkaConfig kafka, URI upstream, Path data, String... settings) {
        return start(new ViewReader.Time(clock, System::nanoTime), kafka, upstream, data, settings);
    }

    /**
     * With clocks of the test's own.
     *
     * @param settings key, value, key, value …
     */
    public static Serving start(ViewReader.Time time, KafkaConfig kafka, URI upstream, Path data, String... settings) {
        Map<String, String> values = new HashMap<>();
        values.put(RegistryKeys.URL, upstream.toString());
        values.put(ServingConfig.REGISTRY_TIMEOUT, "5000");
        values.put(ServingConfig.LISTEN, "127.0.0.1:0");
        values.put(ServingConfig.DATA, data.toString());
        values.put(FreshnessConfig.LOOK, "0"); // Tests count what the upstream is asked.
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return new Serving(ServingConfig.from(values), kafka, time);
    }

    /** Settings with more of them. */
    public static String[] plus(String[] settings, String... more) {
        return Stream.concat(Arrays.stream(settings), Arrays.stream(more)).toArray(String[]::new);
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

    /** From now on its view is what it is. */
    public void stopReading() {
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("precast-view-reader"))
                .forEach(Thread::interrupt);
        Awaitility.await().until(() -> !app.health().live());
    }

    public double counter(String name) {
        return meters.get(name).counter().count();
    }

    public PrometheusMeterRegistry meters() {
        return meters;
    }

    @Override
    public void close() {
        app.close();
    }
}
