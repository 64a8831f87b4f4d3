package dev.precast.serving.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServingMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ServingMetrics metrics = new ServingMetrics(registry);

    @Test
    void counter_goesOnAfterACollection() {
        AtomicLong value = new AtomicLong();
        metrics.counter("counted", "elsewhere", value::get);
        value.set(5);
        collect();
        assertThat(registry.get("counted").functionCounter().count()).isEqualTo(5);
    }

    @Test
    void cache_countsHitsAndMisses() {
        Lookups lookups = new Lookups();
        metrics.cache("some", lookups);
        collect();
        assertThat(lookups.<String>counted("found")).isEqualTo("found");
        assertThat(lookups.<String>counted(null)).isNull();
        lookups.miss();
        assertThat(cache("hit")).isEqualTo(1);
        assertThat(cache("miss")).isEqualTo(2);
    }

    private double cache(String outcome) {
        return registry.get("precast.serving.cache")
                .tags("cache", "some", "outcome", outcome)
                .functionCounter()
                .count();
    }

    private static void collect() {
        WeakReference<Object> gone = new WeakReference<>(new Object());
        while (gone.get() != null) {
            System.gc();
        }
    }
}
