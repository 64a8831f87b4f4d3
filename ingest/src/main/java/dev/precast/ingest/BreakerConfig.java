package dev.precast.ingest;

import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * When a registry that fails is left alone.
 *
 * @param failures in a row after which it is
 * @param longest no pause is longer, unless the registry asks for it
 */
public record BreakerConfig(int failures, Duration longest) {
    public static final String FAILURES = "registry.breaker.failures";
    public static final String LONGEST = "registry.breaker.pause.max.ms";

    static void define(ConfigDef definition) {
        definition
                .define(
                        FAILURES,
                        Type.INT,
                        10,
                        Range.between(1, 1_000_000),
                        Importance.LOW,
                        "failed requests to the upstream registry in a row, after which it is left alone for a while")
                .define(
                        LONGEST,
                        Type.INT,
                        30_000,
                        Range.between(10, 600_000),
                        Importance.LOW,
                        "milliseconds: the longest while; it begins with one second and doubles");
    }

    static BreakerConfig from(AbstractConfig parsed) {
        return new BreakerConfig(parsed.getInt(FAILURES), Duration.ofMillis(parsed.getInt(LONGEST)));
    }
}
