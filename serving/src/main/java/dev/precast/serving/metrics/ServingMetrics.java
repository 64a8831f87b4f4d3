package dev.precast.serving.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The role's meters. Every request counts once, under its route, what was sent (format), where it came from (origin) and its
 * status; none of the tags holds a name from outside. Thread-safe.
 */
public final class ServingMetrics {
    private final MeterRegistry registry;
    private final Counter applied;
    private final Counter outdated;
    private final Counter skipped;
    private final Counter damaged;
    private final Counter rebuilds;

    public ServingMetrics(MeterRegistry registry) {
        this.registry = registry;
        applied = Counter.builder("precast.view.records.applied")
                .description("records written to the view")
                .register(registry);
        outdated = Counter.builder("precast.view.records.outdated")
                .description("records dropped because the view held something newer")
                .register(registry);
        skipped = Counter.builder("precast.view.records.skipped")
                .description("records that could not be read and were passed over")
                .register(registry);
        damaged = Counter.builder("precast.view.damaged")
                .description("values of the view that were not what was written, and were not sent")
                .register(registry);
        rebuilds = Counter.builder("precast.view.rebuilds")
                .description("times the view was built anew from the topics")
                .register(registry);
    }

    /** Seconds since the view was last known to hold everything; NaN while it never did. */
    public void viewAge(Supplier<Number> seconds) {
        Gauge.builder("precast.view.age", seconds)
                .baseUnit("seconds")
                .description("time since the view was last known to hold everything")
                .register(registry);
    }

    public void request(String route, String format, String origin, int status, Duration duration) {
        Timer.builder("precast.serving.requests")
                .description("requests answered")
                .tag("route", route)
                .tag("format", format)
                .tag("origin", origin)
                .tag("status", Integer.toString(status))
                .register(registry)
                .record(duration);
    }

    /** One question to the upstream whether a caller may read a repository. */
    public void authorisation(String verdict) {
        Counter.builder("precast.serving.authorisations")
                .description("questions to the upstream whether a caller may read a repository, by verdict")
                .tag("verdict", verdict)
                .register(registry)
                .increment();
    }

    /** One request to the upstream that brought no answer. */
    public void upstreamFailure(String kind) {
        Counter.builder("precast.serving.upstream.failures")
                .description("requests to the upstream that brought no whole answer, by kind")
                .tag("kind", kind)
                .register(registry)
                .increment();
    }

    public void applied(int records) {
        applied.increment(records);
    }

    public void outdated(int records) {
        outdated.increment(records);
    }

    public void skipped() {
        skipped.increment();
    }

    public void damaged() {
        damaged.increment();
    }

    public void rebuild() {
        rebuilds.increment();
    }
}
