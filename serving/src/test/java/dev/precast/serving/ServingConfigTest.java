package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.config.ListenAddress;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.upstream.UpstreamAccount;
import dev.precast.serving.view.Shard;
import dev.precast.serving.view.ViewConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServingConfigTest {
    @Test
    void from_defaults() {
        assertThat(ServingConfig.from(Map.of("registry.url", "http://127.0.0.1:5000/")))
                .isEqualTo(new ServingConfig(
                        URI.create("http://127.0.0.1:5000"),
                        Duration.ofSeconds(30),
                        new ListenAddress("127.0.0.1", 5080),
                        new ViewConfig(
                                Path.of("precast-data/serving"),
                                Shard.WHOLE,
                                64L << 20,
                                4L << 30,
                                Duration.ZERO,
                                false,
                                85,
                                95),
                        new FreshnessConfig(Duration.ofSeconds(2), false, Duration.ofSeconds(30)),
                        new AuthConfig(
                                AuthConfig.Mode.UPSTREAM,
                                Duration.ofMinutes(5),
                                List.of(),
                                Optional.empty(),
                                Optional.empty(),
                                true),
                        UpstreamAccount.NONE,
                        Duration.ofSeconds(30),
                        FrontConfigTest.DEFAULTS));
    }

    @Test
    void from_everyKey() {
        assertThat(ServingConfig.from(Map.ofEntries(
                        Map.entry("registry.url", "https://registry.example:8443/base"),
                        Map.entry("registry.timeout.ms", "1000"),
                        Map.entry("serving.listen", "[::1]:0"),
                        Map.entry("serving.data", "/data/view"),
                        Map.entry("serving.cache.bytes", "1048576"),
                        Map.entry("serving.max.staleness.ms", "60000"),
                        Map.entry("serving.start.stale", "true"),
                        Map.entry("serving.disk.alert.percent", "70"),
                        Map.entry("serving.disk.stop.percent", "80"),
                        Map.entry("serving.wait.ms", "0"),
                        Map.entry("serving.freshness", "checked"),
                        Map.entry("serving.look.ms", "60000"),
                        Map.entry("serving.idle.timeout.ms", "2000"),
                        Map.entry("ingest.listen", "of another role"))))
                .isEqualTo(new ServingConfig(
                        URI.create("https://registry.example:8443/base"),
                        Duration.ofSeconds(1),
                        new ListenAddress("[::1]", 0),
                        new ViewConfig(
                                Path.of("/data/view"),
                                Shard.WHOLE,
                                1L << 20,
                                4L << 30,
                                Duration.ofMinutes(1),
                                true,
                                70,
                                80),
                        new FreshnessConfig(Duration.ZERO, true, Duration.ofSeconds(60)),
                        ServingConfig.from(Map.of("registry.url", "http://h")).auth(),
                        UpstreamAccount.NONE,
                        Duration.ofSeconds(2),
                        FrontConfigTest.DEFAULTS));
    }

    @Test
    void define_besideARoleThatSharesKeys() {
        ConfigDef shared =
                new ConfigDef().define("registry.url", ConfigDef.Type.STRING, "", ConfigDef.Importance.HIGH, "theirs");
        assertThat(Objects.requireNonNull(
                                ServingConfig.define(shared).configKeys().get("registry.url"))
                        .documentation)
                .isEqualTo("theirs");
        assertThat(shared.names()).contains("serving.listen", "serving.auth", "registry.password");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:5000",
                "ftp://x",
                "http://",
                "http://user:secret@host",
                "http://host?x",
                "http://host#x",
                "http://a b"
            })
    void registryUrl_refused(String url) {
        assertThatThrownBy(() -> ServingConfig.from(Map.of("registry.url", url)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("registry.url")
                .hasMessageNotContaining("secret");
    }

    @Test
    void diskMarks_theWrongWayRound() {
        assertThatThrownBy(() ->
                        ServingConfig.from(Map.of("registry.url", "http://h", "serving.disk.alert.percent", "96")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("serving.disk.stop.percent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"5080", ":5080", "host:", "host:x", "host:70000", "host:-1"})
    void listen_refused(String listen) {
        assertThatThrownBy(() -> ServingConfig.from(Map.of("registry.url", "http://h", "serving.listen", listen)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("serving.listen");
    }
}
