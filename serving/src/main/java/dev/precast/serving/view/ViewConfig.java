package dev.precast.serving.view;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where the view lies, how much it may use, and how old it may be.
 *
 * @param data folder of the view, used by nothing else
 * @param shard the part of the repositories that the view holds
 * @param cacheBytes of memory for blocks of the view
 * @param hotBytes of the view's disk for what was read and may be asked for again; 0: none
 * @param maxStaleness beyond which manifests are not served from the view; zero: served however old it is
 * @param startStale whether a view of the last run is served before Kafka could be asked
 * @param diskAlertPercent of the file system in use, from which on there is a warning
 * @param diskStopPercent of the file system in use, from which on nothing is written any more
 */
public record ViewConfig(
        Path data,
        Shard shard,
        long cacheBytes,
        long hotBytes,
        Duration maxStaleness,
        boolean startStale,
        int diskAlertPercent,
        int diskStopPercent) {
    public static final String DATA = "serving.data";
    public static final String SHARD = "serving.shard";
    public static final String CACHE = "serving.cache.bytes";
    public static final String HOT = "serving.hot.bytes";
    public static final String MAX_STALENESS = "serving.max.staleness.ms";
    public static final String START_STALE = "serving.start.stale";
    public static final String DISK_ALERT = "serving.disk.alert.percent";
    public static final String DISK_STOP = "serving.disk.stop.percent";

    /** Adds the keys of this class to a definition. */
    public static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        DATA,
                        Type.STRING,
                        "precast-data/serving",
                        Importance.MEDIUM,
                        "folder of the view; may be deleted while serving is stopped, it is built anew from the topics")
                .define(
                        SHARD,
                        Type.STRING,
                        Shard.WHOLE.toString(),
                        Importance.LOW,
                        "part of the repositories that this node holds, for example 2/8; requests for manifests of others get 421")
                .define(
                        CACHE,
                        Type.LONG,
                        64L << 20,
                        Range.between(1L << 20, 1L << 40),
                        Importance.LOW,
                        "bytes of memory for blocks of the view")
                .define(
                        HOT,
                        Type.LONG,
                        4L << 30,
                        Range.between(0, 1L << 38),
                        Importance.LOW,
                        "bytes of the view's disk, at most a quarter of what is free, for manifests that were read and may be asked for again; 0: none")
                .define(
                        MAX_STALENESS,
                        Type.LONG,
                        0L,
                        Range.atLeast(0),
                        Importance.MEDIUM,
                        "milliseconds since the view last held everything, beyond which manifests are answered 503; 0: served however old")
                .define(
                        START_STALE,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "whether a start while Kafka is away serves what the last run left, if that is younger than half of the topics' delete.retention.ms")
                .define(
                        DISK_ALERT,
                        Type.INT,
                        85,
                        Range.between(1, 100),
                        Importance.LOW,
                        "percent of the view's file system in use, from which on health and log warn")
                .define(
                        DISK_STOP,
                        Type.INT,
                        95,
                        Range.between(1, 100),
                        Importance.LOW,
                        "percent of the view's file system in use, from which on nothing is written to the view and serving is not ready");
    }

    private static Shard shard(String text) {
        try {
            return Shard.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(SHARD, text, "expected for example 2/8: the second of eight");
        }
    }

    /** @throws ConfigException if the two marks of the disk are the wrong way round */
    public static ViewConfig from(AbstractConfig parsed) {
        int alert = parsed.getInt(DISK_ALERT);
        int stop = parsed.getInt(DISK_STOP);
        if (alert > stop) {
            throw new ConfigException(DISK_ALERT, alert, "expected at most " + DISK_STOP + ", which is " + stop);
        }
        return new ViewConfig(
                Path.of(parsed.getString(DATA)),
                shard(parsed.getString(SHARD)),
                parsed.getLong(CACHE),
                parsed.getLong(HOT),
                Duration.ofMillis(parsed.getLong(MAX_STALENESS)),
                parsed.getBoolean(START_STALE),
                alert,
                stop);
    }
}
