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
 * Ingest's meters. How they relate: every accepted hint is received once at the door and, unless a newer one of its tag takes
 * over, finished once by the resolver; one hint may cause any number of readings and retries. Thread-safe.
 */
public final class IngestMetrics {
    private final MeterRegistry registry;

    public IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Hints that the broker acknowledged. */
    public void hintsReceived(String source, int count) {
        counter("precast.ingest.hints", "source", source, "Hints acknowledged by the broker")
                .increment(count);
    }

    /** Events that make sense and move no tag. */
    public void eventsIgnored(String source, int count) {
        counter("precast.ingest.events.ignored", "source", source, "Events that move no tag")
                .increment(count);
    }

    public void deadLetter(Enum<?> reason) {
        counter("precast.ingest.dead.letters", "reason", word(reason), "Bodies refused at the door")
                .increment();
    }

    /** Requests that were answered 503 because the broker did not acknowledge in time. */
    public void notPersisted() {
        Counter.builder("precast.ingest.not.persisted")
                .description("Requests answered 503, for the registry to repeat")
                .register(registry)
                .increment();
    }

    /** Time from the first byte of a request to the broker's acknowledgement. */
    public void acknowledgedAfter(Duration time) {
        age("ack").record(time);
    }

    /** Age of a hint at the moment its tag's image record was acknowledged by the broker. */
    public void publishedAt(Instant now, Instant hintReceivedAt) {
        Duration age = Duration.between(hintReceivedAt, now);
        age("publish").record(age.isNegative() ? Duration.ZERO : age);
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

    /** Registers what is asked for at each scrape. */
    public void resolverGauges(Supplier<Number> inFlight, Supplier<Number> pending) {
        Gauge.builder("precast.resolver.in.flight", inFlight)
                .description("Tags being read now")
                .register(registry);
        Gauge.builder("precast.resolver.pending", pending)
                .description("Tags whose newest hint is not finished")
                .register(registry);
    }

    private Counter counter(String name, String tag, String value, String description) {
        return Counter.builder(name).tag(tag, value).description(description).register(registry);
    }

    private Timer age(String stage) {
        return Timer.builder("precast.event.age")
                .tag("stage", stage)
                .description("Age of an event at a stage")
                .publishPercentileHistogram()
                .register(registry);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
