package dev.precast.ingest.sweep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Supplier;

/** The sweep's meters. Thread-safe. */
public final class SweepMetrics {
    private final Counter tags;
    private final Counter differences;
    private final MeterRegistry registry;

    public SweepMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.tags = Counter.builder("precast.sweep.tags")
                .description("Tags compared with the registry")
                .register(registry);
        this.differences = Counter.builder("precast.sweep.differences")
                .description("Tags that differed, or may have, and became hints")
                .register(registry);
    }

    void compared(boolean differs) {
        tags.increment();
        if (differs) {
            differences.increment();
        }
    }

    /** @param seconds since the beginning of the last sweep that was completed, or since the start */
    void age(Supplier<Number> seconds) {
        Gauge.builder("precast.sweep.age", seconds)
                .baseUnit("seconds")
                .description("Time since the beginning of the last completed sweep, or since the start")
                .register(registry);
    }
}
