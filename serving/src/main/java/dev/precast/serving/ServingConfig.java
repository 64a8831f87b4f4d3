package dev.precast.serving;

import dev.precast.schemas.config.ConfigReader;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.upstream.UpstreamAccount;
import dev.precast.serving.view.ViewConfig;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
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
    public static final String REGISTRY_TIMEOUT = "registry.timeout.ms";
    public static final String LISTEN = "serving.listen";
    public static final String DATA = ViewConfig.DATA;
    public static final String IDLE_TIMEOUT = "serving.idle.timeout.ms";

    /** Adds the keys of this class to a definition; keys that another role has defined are left alone. */
    public static ConfigDef define(ConfigDef definition) {
        RegistryKeys.define(definition);
        if (!definition.names().contains(REGISTRY_TIMEOUT)) {
            definition.define(
                    REGISTRY_TIMEOUT,
                    Type.INT,
                    30_000,
                    Range.between(100, 600_000),
                    Importance.LOW,
                    "milliseconds that one answer of the upstream registry may take");
        }
        return FrontConfig.define(AuthConfig.define(defineServing(definition)));
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
                registry(parsed),
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
                parsed.getString(RegistryKeys.USERNAME),
                parsed.getPassword(RegistryKeys.PASSWORD).value(),
                RegistryKeys.realms(parsed));
    }

    private static URI registry(AbstractConfig parsed) {
        return RegistryKeys.url(parsed)
                .orElseThrow(() -> new ConfigException(
                        RegistryKeys.URL,
                        "",
                        "expected the upstream registry's URL, for example http://127.0.0.1:5000"));
    }
}
