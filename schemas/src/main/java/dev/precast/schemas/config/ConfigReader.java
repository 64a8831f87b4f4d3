package dev.precast.schemas.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/**
 * Joins configuration from flags, environment and file, in that order of precedence, and refuses keys that nobody knows. Pure.
 */
public final class ConfigReader {
    private static final String ENVIRONMENT_PREFIX = "PRECAST_";

    private ConfigReader() {}

    /** {@code registry.url} is {@code PRECAST_REGISTRY_URL} in the environment. */
    public static String environmentName(String key) {
        return ENVIRONMENT_PREFIX
                + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /**
     * The values given for keys of {@code definition}; keys given nowhere are absent.
     *
     * @throws ConfigException for an unknown key in {@code flags} or {@code file}, naming the nearest known one
     */
    public static Map<String, String> join(
            ConfigDef definition,
            Map<String, String> flags,
            Map<String, String> environment,
            Map<String, String> file) {
        requireKnown(definition.names(), flags.keySet(), "the command line");
        requireKnown(definition.names(), file.keySet(), "the configuration file");
        Map<String, String> joined = new LinkedHashMap<>();
        for (String key : definition.names()) {
            String environmentValue = environment.get(environmentName(key));
            if (flags.containsKey(key)) {
                joined.put(key, flags.get(key));
            } else if (environmentValue != null) {
                joined.put(key, environmentValue);
            } else if (file.containsKey(key)) {
                joined.put(key, file.get(key));
            }
        }
        return joined;
    }

    /**
     * The values of the keys of {@code definition}, checked, defaults filled in; keys of others are passed over.
     *
     * @throws ConfigException for a value that its key does not take
     */
    public static AbstractConfig parse(ConfigDef definition, Map<String, String> values) {
        Map<String, String> known = new LinkedHashMap<>(values);
        known.keySet().retainAll(definition.names());
        return new AbstractConfig(definition, known, false);
    }

    private static void requireKnown(Collection<String> known, Collection<String> given, String where) {
        for (String key : given) {
            if (!known.contains(key)) {
                throw new ConfigException("Unknown key \"" + key + "\" in " + where + "."
                        + nearest(known, key)
                                .map(n -> " Did you mean \"" + n + "\"?")
                                .orElse("")
                        + " `precast config` lists every key.");
            }
        }
    }

    /** The known key with the smallest edit distance, if it is near enough to be a slip. */
    static Optional<String> nearest(Collection<String> known, String key) {
        return known.stream()
                .min(Comparator.<String>comparingInt(k -> distance(k, key)).thenComparing(k -> k))
                .filter(k -> distance(k, key) <= Math.max(3, key.length() / 3));
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
