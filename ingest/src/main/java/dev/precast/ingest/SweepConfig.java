package dev.precast.ingest;

import dev.precast.schemas.image.Reference;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * How the registry is swept.
 *
 * @param enabled whether it is swept without being asked
 * @param rate requests a second then
 * @param requestedRate requests a second of a sweep that somebody asked for
 * @param interval least time between the beginnings of two sweeps
 * @param concurrency requests at once
 * @param repositories to be swept beside those that the catalog lists and those that are known
 */
public record SweepConfig(
        boolean enabled, int rate, int requestedRate, Duration interval, int concurrency, List<String> repositories) {
    public static final String ENABLED = "sweep.enabled";
    public static final String RATE = "sweep.rate";
    public static final String REQUESTED_RATE = "sweep.requested.rate";
    public static final String RATE_MAX = "sweep.rate.max";
    public static final String INTERVAL = "sweep.interval.ms";
    public static final String CONCURRENCY = "sweep.concurrency";
    public static final String REPOSITORIES = "sweep.repositories";

    private static final int MOST = 10_000;

    public SweepConfig {
        repositories = List.copyOf(repositories);
        for (String repository : repositories) {
            if (!Reference.isRepository(repository)) {
                throw new ConfigException(REPOSITORIES, repository, "expected a repository, such as library/hello");
            }
        }
    }

    static void define(ConfigDef definition) {
        definition
                .define(
                        ENABLED,
                        Type.BOOLEAN,
                        true,
                        Importance.MEDIUM,
                        "whether the registry is compared with what is known all the time; `precast sync` does so once")
                .define(
                        RATE,
                        Type.INT,
                        20,
                        Range.between(1, MOST),
                        Importance.MEDIUM,
                        "requests a second of the sweep to the upstream registry")
                .define(
                        REQUESTED_RATE,
                        Type.INT,
                        200,
                        Range.between(1, MOST),
                        Importance.LOW,
                        "requests a second of a sweep that `precast sync` asks for")
                .define(
                        RATE_MAX,
                        Type.INT,
                        200,
                        Range.between(1, MOST),
                        Importance.LOW,
                        "requests a second above which the two rates are refused: to set them higher is to say so here too")
                .define(
                        INTERVAL,
                        Type.INT,
                        600_000,
                        Range.between(100, 86_400_000),
                        Importance.LOW,
                        "least milliseconds between the beginnings of two sweeps")
                .define(
                        CONCURRENCY,
                        Type.INT,
                        8,
                        Range.between(1, 100),
                        Importance.LOW,
                        "requests of the sweep at once")
                .define(
                        REPOSITORIES,
                        Type.LIST,
                        "",
                        Importance.MEDIUM,
                        "repositories to sweep beside those in the registry's catalog and those that are known; for registries without a catalog");
    }

    private static int rate(AbstractConfig parsed, String key) {
        int rate = parsed.getInt(key);
        if (rate > parsed.getInt(RATE_MAX)) {
            throw new ConfigException(
                    key,
                    rate,
                    "expected at most " + parsed.getInt(RATE_MAX) + ". If the registry bears more, set " + RATE_MAX
                            + " too");
        }
        return rate;
    }

    static SweepConfig from(AbstractConfig parsed) {
        return new SweepConfig(
                parsed.getBoolean(ENABLED),
                rate(parsed, RATE),
                rate(parsed, REQUESTED_RATE),
                Duration.ofMillis(parsed.getInt(INTERVAL)),
                parsed.getInt(CONCURRENCY),
                parsed.getList(REPOSITORIES).stream()
                        .map(String::strip)
                        .filter(name -> !name.isEmpty())
                        .toList());
    }
}
