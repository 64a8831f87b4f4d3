package dev.precast.converter.topology;

import static java.util.Objects.requireNonNull;

import dev.precast.schemas.record.TagOffers;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Meters of the converter. {@code precast_converter_tags_total} by outcome: {@code built}, {@code unchanged}, {@code stale} (an
 * older observation than what is built), {@code taken_back}, {@code off}, {@code waiting} (for want of a key), {@code failed} (to
 * be signed); {@code precast_converter_refusals_total} by reason; {@code precast_converter_walked_total} counts tags that a walk
 * looked at, {@code precast_converter_walk_tags_total} the same by outcome: {@code rebuilt}, {@code unchanged}, {@code waiting},
 * {@code failed}, {@code stale} (the table has an older image than what is published); {@code precast_converter_walk_remaining} is how many are to go, estimated; {@code precast_converter_keys} counts
 * keys that should sign, by {@code held}; {@code precast_converter_unreadable_total} counts records that were passed over. What a
 * walk counts is there from the start.
 */
final class ConverterMetrics {
    private final MeterRegistry registry;
    private final Counter walked;
    private final Map<Visit.Outcome, Counter> walkTags = new EnumMap<>(Visit.Outcome.class);
    private final Counter unreadable;

    ConverterMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.walked = registry.counter("precast.converter.walked");
        for (Visit.Outcome outcome : Visit.Outcome.values()) {
            String name = outcome.name().toLowerCase(Locale.ROOT);
            walkTags.put(outcome, registry.counter("precast.converter.walk.tags", "outcome", name));
        }
        this.unreadable = registry.counter("precast.converter.unreadable");
    }

    void outcome(String outcome) {
        registry.counter("precast.converter.tags", "outcome", outcome).increment();
    }

    void walked(Visit.Outcome outcome) {
        walked.increment();
        requireNonNull(walkTags.get(outcome)).increment();
    }

    /** Asked whenever the meters are read. */
    <T> void remaining(T of, ToDoubleFunction<T> count) {
        Gauge.builder("precast.converter.walk.remaining", of, count)
                .description("tags that the running walks have not looked at yet, estimated")
                .register(registry);
    }

    /** @param held whether this converter holds them */
    <T> void keys(boolean held, T of, ToDoubleFunction<T> count) {
        Gauge.builder("precast.converter.keys", of, count)
                .tag("held", Boolean.toString(held))
                .description("keys that should sign now")
                .register(registry);
    }

    void refusals(TagOffers offers) {
        for (TagOffers.Offer offer : offers.offers().values()) {
            if (offer.refusal() != null) {
                registry.counter(
                                "precast.converter.refusals",
                                "reason",
                                offer.refusal().reason().name())
                        .increment();
            }
        }
    }

    void unreadable() {
        unreadable.increment();
    }
}
