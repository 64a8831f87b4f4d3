package dev.precast.ingest;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.config.RegistryKeys;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Where events arrive, which registry is read, and how patiently. */
public record IngestConfig(EventsConfig events, Registry registry, Resolver resolver, SweepConfig sweep) {
    public static final String REGISTRY_REDIRECTS = "registry.redirect.hosts";
    public static final String REGISTRY_TIMEOUT = "registry.timeout.ms";
    public static final String CONCURRENCY = "registry.concurrency";
    public static final String CONCURRENCY_PER_REPOSITORY = "registry.concurrency.per.repository";
    public static final String REREAD = "resolver.reread.delays";
    public static final String RETRY_MIN = "resolver.retry.min.ms";
    public static final String RETRY_MAX = "resolver.retry.max.ms";
    public static final String REQUEUE_AFTER = "resolver.requeue.after.ms";
    public static final String DELETE_CONFIRM = "resolver.delete.confirm.ms";
    public static final String DOUBT = "resolver.doubt.ms";
    public static final String PENDING_MAX = "resolver.pending.max";
    public static final String INSTANCE_ID = "resolver.instance.id";

    /**
     * The upstream registry. Everything that is ever read comes from {@code url}, or from a place that {@code url} or these
     * settings name.
     *
     * @param url base, without {@code /v2/}; absent while the operator has not said it
     * @param username empty: no credentials
     * @param realms {@code host} or {@code host:port}, beside the registry's own, that may hand out tokens and so see the
     *     credentials
     * @param redirectHosts {@code host} or {@code host:port} with private addresses to which blob reads may be redirected
     * @param timeout of one object, with the challenges and redirects on the way to it
     * @param concurrency tags read at once
     * @param concurrencyPerRepository of which at most so many of one repository
     */
    public record Registry(
            URI url,
            String username,
            String password,
            Set<String> realms,
            Set<String> redirectHosts,
            Duration timeout,
            int concurrency,
            int concurrencyPerRepository,
            BreakerConfig breaker) {
        public Registry {
            realms = Set.copyOf(realms);
            redirectHosts = Set.copyOf(redirectHosts);
        }

        public boolean configured() {
            return !url.toString().isEmpty();
        }

        /** Without the password. */
        @Override
        public String toString() {
            return "Registry[" + url + (username.isEmpty() ? "" : ", as " + username) + ", timeout=" + timeout
                    + ", concurrency=" + concurrency + "]";
        }
    }

    /**
     * How the resolver repeats itself.
     *
     * @param rereads delays between readings that do not agree with the newest hint, first to last
     * @param retryMin ceiling of the first delay after a failure; it doubles with each further one
     * @param retryMax ceiling of all of them
     * @param requeueAfter after which a hint that only ever failed goes to the end of the topic, so that its offset can be
     *     committed
     * @param deleteConfirm least time between the two answers that a tag is gone
     * @param doubtFor how long a doubtful result must be the same before it takes the place of one that is certain
     * @param pendingMax unfinished hints of one partition above which it is paused
     * @param instanceId name of this process in the consumer group, kept over restarts; empty: a new one each time
     */
    public record Resolver(
            List<Duration> rereads,
            Duration retryMin,
            Duration retryMax,
            Duration requeueAfter,
            Duration deleteConfirm,
            Duration doubtFor,
            int pendingMax,
            String instanceId,
            GuardConfig guard) {
        public Resolver {
            rereads = List.copyOf(rereads);
        }
    }

    /** Adds the keys of this class to a definition. {@code registry.*} keys that another role has defined are left alone. */
    public static ConfigDef define(ConfigDef definition) {
        EventsConfig.define(definition);
        defineRegistry(definition);
        defineResolver(definition);
        BreakerConfig.define(definition);
        GuardConfig.define(definition);
        SweepConfig.define(definition);
        return definition;
    }

    private static void defineRegistry(ConfigDef definition) {
        RegistryKeys.define(definition);
        defineShared(
                definition,
                REGISTRY_REDIRECTS,
                Type.LIST,
                "",
                null,
                Importance.LOW,
                "hosts with private addresses to which the registry may redirect blob reads, over https: host, host:port or *.suffix; public https hosts are always allowed");
        defineShared(
                definition,
                REGISTRY_TIMEOUT,
                Type.INT,
                10_000,
                Range.between(1, 30_000),
                Importance.LOW,
                "milliseconds for the upstream registry: ingest gives them to one object with its challenges and redirects; serving (30000 unless set) to the headers of an answer, and again to each further piece of its body");
        definition
                .define(
                        CONCURRENCY,
                        Type.INT,
                        16,
                        Range.between(1, 1000),
                        Importance.MEDIUM,
                        "tags read from the upstream registry at once")
                .define(
                        CONCURRENCY_PER_REPOSITORY,
                        Type.INT,
                        4,
                        Range.between(1, 1000),
                        Importance.LOW,
                        "of which at most so many of one repository");
    }

    private static void defineResolver(ConfigDef definition) {
        definition
                .define(
                        REREAD,
                        Type.LIST,
                        "0,50,200,500,2000,10000,60000",
                        Importance.LOW,
                        "milliseconds between readings of a tag that does not yet agree with its newest event")
                .define(
                        RETRY_MIN,
                        Type.INT,
                        200,
                        Range.between(1, 60_000),
                        Importance.LOW,
                        "milliseconds: the first delay after a failed reading is random up to this; it doubles with each failure")
                .define(
                        RETRY_MAX,
                        Type.INT,
                        60_000,
                        Range.between(1, 3_600_000),
                        Importance.LOW,
                        "milliseconds: no delay after a failed reading is longer, unless the registry asks for it")
                .define(
                        REQUEUE_AFTER,
                        Type.INT,
                        300_000,
                        Range.between(1000, 86_400_000),
                        Importance.LOW,
                        "milliseconds after which an event whose tag only ever failed to read goes to the end of the queue")
                .define(
                        DELETE_CONFIRM,
                        Type.INT,
                        30_000,
                        Range.between(0, 86_400_000),
                        Importance.MEDIUM,
                        "least milliseconds between two answers that a tag is gone, before Precast forgets it")
                .define(
                        DOUBT,
                        Type.INT,
                        30_000,
                        Range.between(0, 86_400_000),
                        Importance.LOW,
                        "milliseconds for which a tag must read as broken, each time in the same way, before Precast withdraws what it had of it")
                .define(
                        PENDING_MAX,
                        Type.INT,
                        10_000,
                        Range.between(1, 100_000),
                        Importance.LOW,
                        "unfinished events of one partition above which no more are taken from it")
                .define(
                        INSTANCE_ID,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "name of this process among those that resolve events, its own and kept over restarts: after a crash it goes on at once instead of after 10 s; empty: a new name each time");
    }

    private static void defineShared(
            ConfigDef definition,
            String key,
            Type type,
            Object defaultValue,
            ConfigDef.@Nullable Validator validator,
            Importance importance,
            String documentation) {
        if (!definition.names().contains(key)) {
            definition.define(key, type, defaultValue, validator, importance, documentation);
        }
    }

    /** @param values the values given, by our keys */
    public static IngestConfig from(Map<String, String> values) {
        AbstractConfig parsed = ConfigReader.parse(define(new ConfigDef()), values);
        return new IngestConfig(
                EventsConfig.from(parsed),
                registry(parsed),
                new Resolver(
                        parsed.getList(REREAD).stream()
                                .map(IngestConfig::milliseconds)
                                .toList(),
                        Duration.ofMillis(parsed.getInt(RETRY_MIN)),
                        Duration.ofMillis(parsed.getInt(RETRY_MAX)),
                        Duration.ofMillis(parsed.getInt(REQUEUE_AFTER)),
                        Duration.ofMillis(parsed.getInt(DELETE_CONFIRM)),
                        Duration.ofMillis(parsed.getInt(DOUBT)),
                        parsed.getInt(PENDING_MAX),
                        parsed.getString(INSTANCE_ID),
                        GuardConfig.from(parsed)),
                SweepConfig.from(parsed));
    }

    private static Registry registry(AbstractConfig parsed) {
        return new Registry(
                RegistryKeys.url(parsed).orElse(URI.create("")),
                parsed.getString(RegistryKeys.USERNAME),
                parsed.getPassword(RegistryKeys.PASSWORD).value(),
                RegistryKeys.realms(parsed),
                RegistryKeys.hosts(parsed.getList(REGISTRY_REDIRECTS)),
                Duration.ofMillis(parsed.getInt(REGISTRY_TIMEOUT)),
                parsed.getInt(CONCURRENCY),
                parsed.getInt(CONCURRENCY_PER_REPOSITORY),
                BreakerConfig.from(parsed));
    }

    private static Duration milliseconds(String text) {
        try {
            return Duration.ofMillis(Math.max(0, Long.parseLong(text.strip())));
        } catch (NumberFormatException e) {
            throw new ConfigException(REREAD, text, "expected comma-separated milliseconds");
        }
    }
}
