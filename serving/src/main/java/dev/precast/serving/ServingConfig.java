package dev.precast.serving;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.upstream.UpstreamAccount;
import dev.precast.serving.view.ViewConfig;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigException;

/**
 * Where old clients are served, from which registry everything else comes, and who may read.
 *
 * @param registry base URL of the upstream registry, without {@code /v2/} and without a slash at the end
 * @param registryTimeout within which the upstream must send its headers, and then each further piece of a body
 * @param listen address and port; port 0 takes a free one
 * @param view where the view lies and how old it may be
 * @param freshness how far requests go for a variant that is not there yet
 * @param auth who may read
 * @param account Precast's own at the upstream, where callers' credentials are not meant for it
 * @param idleTimeout of a connection on which nothing moves
 * @param front limits of clients, TLS and the access log
 */
public record ServingConfig(
        URI registry,
        Duration registryTimeout,
        ListenAddress listen,
        ViewConfig view,
        FreshnessConfig freshness,
        AuthConfig auth,
        UpstreamAccount account,
        Duration idleTimeout,
        FrontConfig front) {
    public static final String REGISTRY_URL = "registry.url";
    public static final String REGISTRY_TIMEOUT = "registry.timeout.ms";
    public static final String REGISTRY_USERNAME = "registry.username";
    public static final String REGISTRY_PASSWORD = "registry.password";
    public static final String REGISTRY_REALMS = "registry.realms";
    public static final String LISTEN = "serving.listen";
    public static final String DATA = ViewConfig.DATA;
    public static final String IDLE_TIMEOUT = "serving.idle.timeout.ms";

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
        defineAccount(definition);
        return FrontConfig.define(AuthConfig.define(defineServing(definition)));
    }

    private static void defineAccount(ConfigDef definition) {
        if (!definition.names().contains(REGISTRY_USERNAME)) {
            definition.define(
                    REGISTRY_USERNAME,
                    Type.STRING,
                    "",
                    Importance.MEDIUM,
                    "user name for the upstream registry; empty: no credentials");
            definition.define(
                    REGISTRY_PASSWORD, Type.PASSWORD, "", Importance.MEDIUM, "password for the upstream registry");
            definition.define(
                    REGISTRY_REALMS,
                    Type.LIST,
                    "",
                    Importance.MEDIUM,
                    "hosts, beside the registry's own, that may hand out tokens and so see the credentials, for example auth.example.com");
        }
    }

    private static ConfigDef defineServing(ConfigDef definition) {
        return FreshnessConfig.define(ViewConfig.define(definition))
                .define(LISTEN, Type.STRING, "127.0.0.1:5080", Importance.HIGH, "host:port on which clients are served")
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
                AuthConfig.from(parsed),
                account(parsed),
                Duration.ofMillis(parsed.getInt(IDLE_TIMEOUT)),
                FrontConfig.from(parsed));
    }

    private static UpstreamAccount account(AbstractConfig parsed) {
        return new UpstreamAccount(
                parsed.getString(REGISTRY_USERNAME),
                parsed.getPassword(REGISTRY_PASSWORD).value(),
                Set.copyOf(parsed.getList(REGISTRY_REALMS)));
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
