package dev.precast.launcher.command;

import dev.precast.launcher.config.Configuration;
import dev.precast.launcher.config.LauncherConfig;
import dev.precast.schemas.kafka.KafkaConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command that has a configuration. Flags are keys by another name: each ends as a value in one map. */
final class CommonOptions {
    private final Map<String, String> flags = new LinkedHashMap<>();

    @Option(names = "--config", paramLabel = "FILE", description = "Properties file; `precast config` lists the keys.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Any key of `precast config`. May be given several times.")
    void set(Map<String, String> values) {
        flags.putAll(values);
    }

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory; a local `up` is found by it. Default: ./precast-data.")
    void data(String directory) {
        flags.put(LauncherConfig.DATA, directory);
    }

    @Option(names = "--kafka", paramLabel = "BOOTSTRAP", description = "host:port,… of the Kafka cluster.")
    void kafka(String bootstrap) {
        flags.put(KafkaConfig.BOOTSTRAP_SERVERS, bootstrap);
    }

    /** A value that came by a flag of the command itself. */
    void put(String key, String value) {
        flags.put(key, value);
    }

    /** The values given by flags, environment and file. */
    Map<String, String> values() throws IOException {
        return Configuration.read(flags, System.getenv(), file);
    }
}
