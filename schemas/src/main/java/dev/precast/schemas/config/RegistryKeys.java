package dev.precast.schemas.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/** The keys of the upstream registry, which every role that reads it defines and reads alike. */
public final class RegistryKeys {
    public static final String URL = "registry.url";
    public static final String USERNAME = "registry.username";
    public static final String PASSWORD = "registry.password";
    public static final String REALMS = "registry.realms";

    private RegistryKeys() {}

    /** Adds the keys to a definition; those that another role has defined are left alone. */
    public static ConfigDef define(ConfigDef definition) {
        ifAbsent(
                definition,
                URL,
                Type.STRING,
                Importance.HIGH,
                "URL of the upstream registry, without /v2/, for example http://127.0.0.1:5000");
        ifAbsent(
                definition,
                USERNAME,
                Type.STRING,
                Importance.MEDIUM,
                "user name for the upstream registry; empty: no credentials");
        ifAbsent(definition, PASSWORD, Type.PASSWORD, Importance.MEDIUM, "password for the upstream registry");
        ifAbsent(
                definition,
                REALMS,
                Type.LIST,
                Importance.MEDIUM,
                "who may hand out tokens and so sees the credentials: host, host:port or *.suffix, for example auth.example.com; the registry itself, at its own port, always may");
        return definition;
    }

    private static void ifAbsent(ConfigDef definition, String key, Type type, Importance importance, String meaning) {
        if (!definition.names().contains(key)) {
            definition.define(key, type, "", importance, meaning);
        }
    }

    /**
     * The registry's URL, without slashes at its end; absent while the operator has not said it.
     *
     * @throws ConfigException for anything but http or https, a host, and perhaps a port and a path; it does not repeat credentials
     */
    public static Optional<URI> url(AbstractConfig parsed) {
        String text = parsed.getString(URL);
        return text.isEmpty() ? Optional.empty() : Optional.of(url(text));
    }

    private static URI url(String text) {
        try {
            URI url = new URI(text.replaceAll("/+$", ""));
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (web
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && url.getRawQuery() == null
                    && url.getRawFragment() == null) {
                return url;
            }
        } catch (URISyntaxException e) {
            throw notARegistry(text);
        }
        throw notARegistry(text);
    }

    private static ConfigException notARegistry(String text) {
        return new ConfigException(
                URL,
                text.contains("@") ? "[a URL with credentials]" : text,
                "expected http:// or https://, a host, and no credentials or query, for example http://127.0.0.1:5000");
    }

    /** Who may hand out tokens, beside the registry itself; see {@link dev.precast.schemas.net.TokenRealms}. */
    public static Set<String> realms(AbstractConfig parsed) {
        return hosts(parsed.getList(REALMS));
    }

    /** As they are compared: in lower case, without blanks. */
    public static Set<String> hosts(Collection<String> given) {
        return given.stream()
                .map(host -> host.strip().toLowerCase(Locale.ROOT))
                .filter(host -> !host.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }
}
