package dev.precast.serving;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.view.ViewConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where old clients are served, from which registry everything else comes, and who may read.
 *
 * @param registry base URL of the upstream registry, without {@code /v2/} and without a slash at the end
 * @param registryTimeout within which the upstream must send its headers, and then each further piece of a body
 * @param listen address and port; port 0 takes a free one
 * @param view where the view lies and how old it may be
 * @param freshness how far requests go for a variant that is not there yet
 * @param auth who decides whether a caller may read
 * @param authGrace how long a positive answer of the upstream counts while the upstream cannot be asked
 * @param idleTimeout of a connection on which nothing moves
 * @param front limits of clients, TLS and the access log
 */
public record ServingConfig(
        URI registry,
        Duration registryTimeout,
        ListenAddress listen,
        ViewConfig view,
        FreshnessConfig freshness,
        Auth auth,
        Duration authGrace,
        Duration idleTimeout,
        FrontConfig front) {
    public static final String REGISTRY_URL = "registry.url";
    public static final String REGISTRY_TIMEOUT = "registry.timeout.ms";
    public static final String LISTEN = "serving.listen";
    public static final String DATA = ViewConfig.DATA;
    public static final String AUTH = "serving.auth";
    public static final String AUTH_GRACE = "serving.auth.grace.ms";
    public static final String IDLE_TIMEOUT = "serving.idle.timeout.ms";

    /** Who decides whether a caller may read what Precast itself holds. */
    public enum Auth {
        /** The upstream registry, asked with the caller's own credentials. */
        UPSTREAM,
        /** Nobody: everyone may. */
        OPEN
    }

    /** Adds the keys of this class to a definition; keys that another role has defined are left alone. */
    public static ConfigDef define(ConfigDef definition) {
        if (!definition.names().contains(REGISTRY_URL)) {
            definition.define(
                    REGISTRY_URL,
                    Type.STRING,
                    "",
                    Importance.HIGH,
                    "URL of the upstream registry, without /v2/, for example http://127.0.0.1:5000");
        }
        if (!definition.names().contains(REGISTRY_TIMEOUT)) {
            definition.define(
                    REGISTRY_TIMEOUT,
                    Type.INT,
                    30_000,
                    Range.between(100, 600_000),
                    Importance.LOW,
                    "milliseconds that one answer of the upstream registry may take");
        }
        return FrontConfig.define(defineServing(definition));
    }

    private static ConfigDef defineServing(ConfigDef definition) {
        return FreshnessConfig.define(ViewConfig.define(definition))
                .define(LISTEN, Type.STRING, "127.0.0.1:5080", Importance.HIGH, "host:port on which clients are served")
                .define(
                        AUTH,
                        Type.STRING,
                        "upstream",
                        ValidString.in("upstream", "open"),
                        Importance.HIGH,
                        "who decides whether a caller may read: upstream (the registry, asked with the caller's own credentials) or open (everyone may)")
                .define(
                        AUTH_GRACE,
                        Type.LONG,
                        300_000L,
                        Range.between(0, 86_400_000L),
                        Importance.MEDIUM,
                        "milliseconds for which the registry's last yes to a caller counts while the registry cannot be asked")
                .define(
                        IDLE_TIMEOUT,
                        Type.INT,
                        30_000,
                        Range.between(1_000, 600_000),
                        Importance.LOW,
                        "milliseconds after which a connection on which nothing moves is closed");
    }

    /** @param values the values given, by key; keys of other roles are passed over */
    public static ServingConfig from(Map<String, String> values) {
        AbstractConfig parsed = ConfigReader.parse(define(new ConfigDef()), values);
        return new ServingConfig(
                registry(parsed.getString(REGISTRY_URL)),
                Duration.ofMillis(parsed.getInt(REGISTRY_TIMEOUT)),
                ListenAddress.parse(LISTEN, parsed.getString(LISTEN)),
                ViewConfig.from(parsed),
                FreshnessConfig.from(parsed),
                Auth.valueOf(parsed.getString(AUTH).toUpperCase(Locale.ROOT)),
                Duration.ofMillis(parsed.getLong(AUTH_GRACE)),
                Duration.ofMillis(parsed.getInt(IDLE_TIMEOUT)),
                FrontConfig.from(parsed));
    }

    private static URI registry(String text) {
        try {
            String trimmed = text.replaceAll("/+$", "");
            URI url = new URI(trimmed);
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
        String shown = text.contains("@") ? "[a URL with credentials]" : text;
        return new ConfigException(
                REGISTRY_URL,
                shown,
                "expected http:// or https://, a host and no credentials, for example http://127.0.0.1:5000");
    }
}
