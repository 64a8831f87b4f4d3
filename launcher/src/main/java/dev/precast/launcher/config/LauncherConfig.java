package dev.precast.launcher.config;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.record.RepositoryPattern;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/**
 * What belongs to the process and not to one of its roles.
 *
 * @param data directory of everything that Precast keeps on this machine
 * @param adminListen where health and metrics are asked for; port 0 takes a free one
 * @param layout OCI image layout that is the upstream; absent: a registry is, or the samples are
 * @param convert patterns for which {@code up} turns conversion on
 * @param brokerPort of the broker that {@code up} starts; 0: the one of the last start, or a free one
 */
public record LauncherConfig(
        Path data, ListenAddress adminListen, Optional<Path> layout, List<RepositoryPattern> convert, int brokerPort) {
    public static final String DATA = "data.dir";
    public static final String ADMIN_LISTEN = "admin.listen";
    public static final String LAYOUT = "layout.dir";
    public static final String CONVERT = "convert";
    public static final String BROKER_PORT = "broker.port";

    private static final String DEFAULT_DATA = "./precast-data";

    public LauncherConfig {
        convert = List.copyOf(convert);
    }

    /** Where data is kept when nothing else is said. */
    public static Path defaultData() {
        return Path.of(DEFAULT_DATA);
    }

    /** Adds the keys of this class to a definition. */
    public static ConfigDef define(ConfigDef definition) {
        return definition
                .define(
                        DATA,
                        Type.STRING,
                        DEFAULT_DATA,
                        Importance.HIGH,
                        "directory of everything that Precast keeps on this machine")
                .define(
                        ADMIN_LISTEN,
                        Type.STRING,
                        "127.0.0.1:5082",
                        Importance.MEDIUM,
                        "host:port of health, metrics and the status page")
                .define(
                        LAYOUT,
                        Type.STRING,
                        "",
                        Importance.HIGH,
                        "OCI image layout directory that is the upstream of `precast up`, instead of a registry")
                .define(
                        CONVERT,
                        Type.LIST,
                        List.of(),
                        Importance.HIGH,
                        "repository patterns for which `precast up` turns conversion on, comma-separated; * is any run of characters")
                .define(
                        BROKER_PORT,
                        Type.INT,
                        0,
                        ConfigDef.Range.between(0, 65_535),
                        Importance.LOW,
                        "port of the broker that `precast up` starts; 0: the one of the last start, or a free one");
    }

    /** @param values the values given, by key; keys of others are ignored */
    public static LauncherConfig from(Map<String, String> values) {
        AbstractConfig parsed = ConfigReader.parse(define(new ConfigDef()), values);
        String layout = parsed.getString(LAYOUT);
        return new LauncherConfig(
                Path.of(parsed.getString(DATA)),
                ListenAddress.parse(ADMIN_LISTEN, parsed.getString(ADMIN_LISTEN)),
                layout.isEmpty() ? Optional.empty() : Optional.of(Path.of(layout)),
                parsed.getList(CONVERT).stream().map(RepositoryPattern::new).toList(),
                parsed.getInt(BROKER_PORT));
    }
}
