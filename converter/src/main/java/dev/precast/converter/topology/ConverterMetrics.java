package dev.precast.converter.topology;

import dev.precast.schemas.record.TagOffers;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counters of the converter. {@code precast_converter_tags_total} by outcome: {@code built}, {@code unchanged}, {@code stale}
 * (an older observation than what is built), {@code taken_back}, {@code off}; {@code precast_converter_refusals_total} by
 * reason; {@code precast_converter_walked_total} counts tags that a walk looked at.
 */
final class ConverterMetrics {
    private final MeterRegistry registry;

    ConverterMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void outcome(String outcome) {
        registry.counter("precast.converter.tags", "outcome", outcome).increment();
    }

    void walked() {
        registry.counter("precast.converter.walked").increment();
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
        registry.counter("precast.converter.unreadable").increment();
    }
}
