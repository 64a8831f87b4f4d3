package dev.precast.launcher.config;

import dev.precast.converter.ConverterConfig;
import dev.precast.ingest.IngestConfig;
import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.ServingConfig;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Every key there is, and the values given for them. */
public final class Configuration {
    private Configuration() {}

    /** The keys of all roles and of the process. */
    public static ConfigDef definition() {
        return ServingConfig.define(IngestConfig.define(
                ConverterConfig.define(LauncherConfig.define(KafkaConfig.define(new ConfigDef())))));
    }

    /**
     * The values given by flags, environment and file, in that order of precedence; keys given nowhere are absent.
     *
     * @param file properties; absent when none was named
     * @throws ConfigException for an unknown key or a bad value
     * @throws IOException if the file cannot be read
     */
    public static Map<String, String> read(
            Map<String, String> flags, Map<String, String> environment, @Nullable Path file) throws IOException {
        ConfigDef definition = definition();
        Map<String, String> values =
                ConfigReader.join(definition, flags, environment, file == null ? Map.of() : properties(file));
        definition.parse(values);
        return values;
    }

    private static Map<String, String> properties(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new IOException("Cannot read the configuration file " + file + ": there is none. Check --config.", e);
        }
        Map<String, String> values = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(name -> values.put(name, properties.getProperty(name)));
        return values;
    }
}
