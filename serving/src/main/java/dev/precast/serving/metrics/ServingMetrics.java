package dev.precast.serving.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The role's meters. Every request counts once, those that are no HTTP included, under its kind of client, its route, what was sent
 * (format), where it came from (origin) and its status; no tag holds a name from outside. Thread-safe.
 */
public final class ServingMetrics {
    private final MeterRegistry registry;
    private final RequestRecorder requests;
    /** What counters ask for their values: they themselves would let it be collected, and stand still from then on. */
    private final Queue<Object> asked = new ConcurrentLinkedQueue<>();

    private final Counter applied;
    private final Counter outdated;
    private final Counter skipped;
    private final Counter damaged;
    private final Counter rebuilds;

    public ServingMetrics(MeterRegistry registry) {
        this.registry = registry;
        requests = new RequestRecorder(registry);
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

    /** Where requests are recorded; the same one for all handlers. */
    public RequestRecorder requests() {
        return requests;
    }

    /**
     * One request, by labels.
     *
     * @param userAgent absent when the client sent none
     * @param status 0 when none was sent
     * @param nanos that it took
     */
    public void request(
            @Nullable String userAgent, String route, String format, String origin, int status, long nanos) {
        boolean emptyLayer = route.equals("blob") && origin.equals("converted");
        requests.record(
                ClientKind.of(userAgent),
                Route.labelled(route),
                Format.labelled(format),
                emptyLayer ? Origin.EMPTY_LAYER : Origin.labelled(origin),
                status,
                nanos);
    }

    /** Something that is asked for its value when metrics are read. */
    public void gauge(String name, String unit, String description, DoubleSupplier value) {
        Gauge.Builder<?> gauge = Gauge.builder(name, value::getAsDouble).description(description);
        (unit.isEmpty() ? gauge : gauge.baseUnit(unit)).register(registry);
    }

    /** Something counted elsewhere, that is asked for its value when metrics are read. */
    public void counter(String name, String description, DoubleSupplier value) {
        asked.add(value);
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .description(description)
                .register(registry);
    }

    /**
     * A cache, whose looks are counted by whoever looks.
     *
     * @param name such as {@code offers}
     */
    public void cache(String name, Lookups lookups) {
        cache(name, lookups, "hit", Lookups::hits);
        cache(name, lookups, "miss", Lookups::misses);
    }

    private void cache(String name, Lookups lookups, String outcome, ToDoubleFunction<Lookups> count) {
        asked.add(lookups);
        FunctionCounter.builder("precast.serving.cache", lookups, count)
                .description("looks into what is remembered, by cache and outcome")
                .tag("cache", name)
                .tag("outcome", outcome)
                .register(registry);
    }

    /** A tag was not offered in the format asked for. */
    public void refused(String reason) {
        Counter.builder("precast.serving.refusals")
                .description("requests of a tag that is not offered in the format asked for, by reason")
                .tag("reason", reason)
                .register(registry)
                .increment();
    }

    /**
     * One question to the upstream, up to the headers of its answer.
     *
     * @param purpose such as {@code relay}
     * @param status of the answer, or what happened instead
     */
    public void upstream(String purpose, String status, long nanos) {
        Timer.builder("precast.serving.upstream.requests")
                .description("requests to the upstream, up to the headers of the answer")
                .tag("purpose", purpose)
                .tag("status", status)
                .register(registry)
                .record(nanos, TimeUnit.NANOSECONDS);
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

    /** A tag that the upstream has and the view lacks, or has otherwise: what became of it. */
    public void freshness(String outcome) {
        Counter.builder("precast.serving.freshness")
                .description(
                        "tags that were missing from the view or older than upstream, by what became of the request")
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    /** One connection that we closed because of what its client did: {@code headers}, {@code limit} or {@code address}. */
    public void connectionClosed(String reason) {
        Counter.builder("precast.serving.connections.closed")
                .description("connections closed for slow headers, or for being too many in all or from one address")
                .tag("reason", reason)
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
