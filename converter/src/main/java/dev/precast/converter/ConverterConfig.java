package dev.precast.converter;

import dev.precast.schemas.config.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * Configuration of the converter role.
 *
 * @param keys private key files, and directories of them; when there is no key anywhere, an RSA key for this run only signs
 * @param stateDirectory where Kafka Streams keeps its stores; may be wiped, everything rebuilds from the topics
 * @param instanceId stays the same over restarts of one instance and differs between instances, so that a restarted converter
 *     takes its partitions back at once; empty: a new member at every start
 * @param threads stream threads, at most one per partition does work
 */
public record ConverterConfig(List<Path> keys, Path stateDirectory, String instanceId, int threads) {
    public static final String KEYS = "converter.keys";
    public static final String STATE_DIRECTORY = "converter.state.dir";
    public static final String INSTANCE_ID = "converter.instance.id";
    public static final String THREADS = "converter.threads";

    public ConverterConfig {
        keys = List.copyOf(keys);
    }

    /** Adds the keys of this class to a definition. */
    public static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        KEYS,
                        Type.LIST,
                        List.of(),
                        Importance.HIGH,
                        "private key files (PEM or JWK; EC P-256, P-384, P-521 or RSA >= 2048; mode 0600) and directories of"
                                + " them, comma-separated; directories are looked at again while the converter runs; default: keys"
                                + " in the data directory. Without any key, an RSA key signs that lives only until the converter"
                                + " stops")
                .define(
                        STATE_DIRECTORY,
                        Type.STRING,
                        "precast-data/converter",
                        Importance.MEDIUM,
                        "directory of the converter's stores; may be wiped, everything rebuilds from the topics")
                .define(
                        INSTANCE_ID,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "name of this instance, the same over restarts and different between instances; empty: none")
                .define(
                        THREADS,
                        Type.INT,
                        2,
                        ConfigDef.Range.between(1, 64),
                        Importance.MEDIUM,
                        "threads that convert and sign");
    }

    /** @param values the values given, by key; keys of others are ignored */
    public static ConverterConfig from(Map<String, String> values) {
        AbstractConfig parsed = ConfigReader.parse(define(new ConfigDef()), values);
        return new ConverterConfig(
                parsed.getList(KEYS).stream().map(Path::of).toList(),
                Path.of(parsed.getString(STATE_DIRECTORY)),
                parsed.getString(INSTANCE_ID),
                parsed.getInt(THREADS));
    }
}
