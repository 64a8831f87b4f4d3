package dev.precast.ingest.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The resolver's meters; the door's are {@link EventMetrics}. How they relate: every accepted hint is received once at the door and, unless a newer one of its tag takes
 * over, finished once by the resolver; one hint may cause any number of readings and retries. Thread-safe.
 */
public final class IngestMetrics {
    private final MeterRegistry registry;
    private final EventAge age;
    /** There from the start: an alert on its increase needs the zero before. */
    private final Counter repairs;

    public IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.age = new EventAge(registry);
        this.repairs = Counter.builder("precast.sweep.repairs")
                .description("Records written because of a sweep; with working events a sign that some were lost")
                .register(registry);
    }

    /** Age of a hint at the moment its tag's image record was acknowledged by the broker. */
    public void publishedAt(Instant now, Instant hintReceivedAt) {
        age.at("publish", Duration.between(hintReceivedAt, now));
    }

    /** Age of a hint at the moment when what was read agreed with it, or it was given up. */
    public void resolvedAt(Instant now, Instant hintReceivedAt) {
        age.at("resolve", Duration.between(hintReceivedAt, now));
    }

    /** A record was written that an event should have led to, and none had. */
    public void repaired() {
        repairs.increment();
    }

    /** A request to the registry, a token realm or a place that the registry redirected to. */
    public void upstream(Enum<?> operation, String outcome, Duration time) {
        Timer.builder("precast.upstream.requests")
                .tag("operation", word(operation))
                .tag("outcome", outcome)
                .description("Requests to the upstream registry; outcome: status, or why there was none")
                .register(registry)
                .record(time);
    }

    /** {@code image}, {@code refusal} or {@code tombstone}. */
    public void published(String kind) {
        counter("precast.resolver.published", "kind", kind, "Records written to the image topic")
                .increment();
    }

    /** Readings that did not yet agree with the newest hint. */
    public void reread() {
        Counter.builder("precast.resolver.rereads")
                .description("Readings that did not agree with the newest hint")
                .register(registry)
                .increment();
    }

    public void retry(Enum<?> cause) {
        counter("precast.resolver.retries", "cause", word(cause), "Readings that failed and are repeated")
                .increment();
    }

    /** Registers a number that is asked for at each scrape. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    private Counter counter(String name, String tag, String value, String description) {
        return Counter.builder(name).tag(tag, value).description(description).register(registry);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
