package dev.precast.ingest.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** The ages of events at the stages that they pass: {@code receipt}, {@code hint}, {@code ack}, {@code resolve}, {@code publish}. Thread-safe. */
final class EventAge {
    /** What is older counts as that old: Go's zero time is in the year 1, and more than a timer's nanoseconds ago. */
    private static final Duration OLDEST = Duration.ofDays(366);

    private final MeterRegistry registry;

    EventAge(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param age below zero counts as zero: registries' clocks may run ahead of ours */
    void at(String stage, Duration age) {
        Duration counted = age.isNegative() ? Duration.ZERO : age.compareTo(OLDEST) > 0 ? OLDEST : age;
        Timer.builder("precast.event.age")
                .tag("stage", stage)
                .description("Age of an event at a stage")
                .publishPercentileHistogram()
                .register(registry)
                .record(counted);
    }
}
