package dev.precast.launcher.config;

import dev.precast.schemas.config.ConfigReader;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;

/** The keys with type, default and meaning, for people. Pure. */
public final class KeyTable {
    private KeyTable() {}

    /** One block per key: key, type, default, environment name; then the meaning. */
    public static String text(ConfigDef definition) {
        StringBuilder text = new StringBuilder();
        for (ConfigKey key : sorted(definition)) {
            text.append(key.name)
                    .append("  (")
                    .append(type(key))
                    .append(", default ")
                    .append(defaultValue(key).isEmpty() ? "none" : defaultValue(key))
                    .append(")\n    ")
                    .append(key.documentation)
                    .append("\n    ")
                    .append(ConfigReader.environmentName(key.name))
                    .append('\n');
        }
        return text.toString();
    }

    /** A table for the documentation. */
    public static String markdown(ConfigDef definition) {
        StringBuilder text = new StringBuilder("| key | type | default | meaning |\n|---|---|---|---|\n");
        for (ConfigKey key : sorted(definition)) {
            String value = defaultValue(key);
            text.append("| `")
                    .append(key.name)
                    .append("` | ")
                    .append(type(key))
                    .append(" | ")
                    .append(value.isEmpty() ? "" : "`" + value + "`")
                    .append(" | ")
                    .append(key.documentation.replace("|", "\\|"))
                    .append(" |\n");
        }
        return text.toString();
    }

    private static List<ConfigKey> sorted(ConfigDef definition) {
        return definition.configKeys().values().stream()
                .sorted((a, b) -> a.name.compareTo(b.name))
                .toList();
    }

    private static String type(ConfigKey key) {
        return key.type.name().toLowerCase(Locale.ROOT);
    }

    private static String defaultValue(ConfigKey key) {
        return key.type == ConfigDef.Type.PASSWORD || key.defaultValue == null
                ? ""
                : ConfigDef.convertToString(key.defaultValue, key.type);
    }
}
