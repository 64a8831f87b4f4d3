package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.config.ListenAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IngestConfigTest {
    private static final BreakerConfig BREAKER = new BreakerConfig(10, Duration.ofSeconds(30));

    @Test
    void from_nothing_givesDefaults() {
        IngestConfig config = IngestConfig.from(Map.of());

        assertThat(config.events())
                .isEqualTo(new EventsConfig(
                        new ListenAddress("127.0.0.1", 5081),
                        List.of(),
                        Duration.ofMillis(800),
                        60,
                        List.of(),
                        Optional.empty()));
        assertThat(config.registry())
                .isEqualTo(new IngestConfig.Registry(
                        URI.create(""), "", "", Set.of(), Set.of(), Duration.ofSeconds(10), 16, 4, BREAKER));
        assertThat(config.registry().configured()).isFalse();
        assertThat(config.resolver())
                .isEqualTo(new IngestConfig.Resolver(
                        List.of(
                                Duration.ZERO,
                                Duration.ofMillis(50),
                                Duration.ofMillis(200),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(60)),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(5),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30),
                        10_000,
                        "",
                        new GuardConfig(100, 5, Duration.ofHours(1))));
        assertThat(config.sweep()).isEqualTo(new SweepConfig(true, 20, 200, Duration.ofMinutes(10), 8, List.of()));
    }

    @Test
    void from_everyKey_takesItsValue() {
        Map<String, String> values = Map.ofEntries(
                Map.entry("ingest.listen", "0.0.0.0:0"),
                Map.entry("ingest.secrets", "one, two"),
                Map.entry("ingest.ack.timeout.ms", "700"),
                Map.entry("ingest.refusals.per.minute", "5"),
                Map.entry("ingest.allowed.addresses", "10.1.0.0/16, ::1"),
                Map.entry("ingest.tls.certificate", "/tls/events.crt"),
                Map.entry("ingest.tls.key", "/tls/events.key"),
                Map.entry("ingest.tls.client.authorities", "/tls/clients.crt"),
                Map.entry("registry.url", "https://registry.example:8443/"),
                Map.entry("registry.username", "reader"),
                Map.entry("registry.password", "pass,word"),
                Map.entry("registry.realms", "auth.example,Other.Example"),
                Map.entry("registry.redirect.hosts", "minio.example"),
                Map.entry("registry.timeout.ms", "1234"),
                Map.entry("registry.concurrency", "3"),
                Map.entry("registry.concurrency.per.repository", "2"),
                Map.entry("resolver.reread.delays", "1,2"),
                Map.entry("resolver.retry.min.ms", "3"),
                Map.entry("resolver.retry.max.ms", "4"),
                Map.entry("resolver.requeue.after.ms", "5000"),
                Map.entry("resolver.delete.confirm.ms", "6"),
                Map.entry("resolver.doubt.ms", "65"),
                Map.entry("resolver.pending.max", "7"),
                Map.entry("resolver.instance.id", "one"),
                Map.entry("registry.breaker.failures", "4"),
                Map.entry("registry.breaker.pause.max.ms", "55"),
                Map.entry("resolver.delete.guard.tags", "8"),
                Map.entry("resolver.delete.guard.percent", "9"),
                Map.entry("resolver.delete.guard.window.ms", "10"),
                Map.entry("sweep.enabled", "false"),
                Map.entry("sweep.rate", "11"),
                Map.entry("sweep.requested.rate", "12"),
                Map.entry("sweep.rate.max", "13"),
                Map.entry("sweep.interval.ms", "130"),
                Map.entry("sweep.concurrency", "14"),
                Map.entry("sweep.repositories", "library/hello, team/app"));
        assertThat(values.keySet())
                .as("every key is listed")
                .isEqualTo(IngestConfig.define(new ConfigDef()).names());

        assertThat(IngestConfig.from(values))
                .isEqualTo(new IngestConfig(
                        new EventsConfig(
                                new ListenAddress("0.0.0.0", 0),
                                List.of("one", "two"),
                                Duration.ofMillis(700),
                                5,
                                List.of("10.1.0.0/16", "::1"),
                                Optional.of(new EventsConfig.Tls(
                                        Path.of("/tls/events.crt"),
                                        Path.of("/tls/events.key"),
                                        Optional.of(Path.of("/tls/clients.crt"))))),
                        new IngestConfig.Registry(
                                URI.create("https://registry.example:8443"),
                                "reader",
                                "pass,word",
                                Set.of("auth.example", "other.example"),
                                Set.of("minio.example"),
                                Duration.ofMillis(1234),
                                3,
                                2,
                                new BreakerConfig(4, Duration.ofMillis(55))),
                        new IngestConfig.Resolver(
                                List.of(Duration.ofMillis(1), Duration.ofMillis(2)),
                                Duration.ofMillis(3),
                                Duration.ofMillis(4),
                                Duration.ofSeconds(5),
                                Duration.ofMillis(6),
                                Duration.ofMillis(65),
                                7,
                                "one",
                                new GuardConfig(8, 9, Duration.ofMillis(10))),
                        new SweepConfig(
                                false, 11, 12, Duration.ofMillis(130), 14, List.of("library/hello", "team/app"))));
    }

    @Test
    void define_afterAnotherRole_keepsItsKeys() {
        ConfigDef definition = new ConfigDef()
                .define("registry.url", ConfigDef.Type.STRING, "x", ConfigDef.Importance.HIGH, "of another role");

        assertThat(IngestConfig.define(definition).toRst()).contains("of another role");
    }

    @Test
    void toString_namesNoSecret() {
        IngestConfig config = IngestConfig.from(
                Map.of("ingest.secrets", "hush-hush", "registry.username", "reader", "registry.password", "hush-hush"));

        assertThat(config.toString()).doesNotContain("hush");
    }

    @Test
    void from_threeSecrets_isRefused() {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("ingest.secrets", "a,b,c")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("expected at most 2")
                .hasMessageNotContaining("a,b,c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry.example", "10.1", "10.1.0.0/", "10.1.0.0-10.1.0.9", "10.1.0.0/16/8"})
    void from_otherNetworks_isRefused(String network) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("ingest.allowed.addresses", network)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ingest.allowed.addresses");
    }

    @ParameterizedTest
    @CsvSource({"ingest.tls.certificate", "ingest.tls.key", "ingest.tls.client.authorities"})
    void from_oneTlsFileAlone_isRefused(String key) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of(key, "/tls/file.pem")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ingest.tls.certificate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x", "http://", "http://u:p@x", "http://x?y", "x:5000", "http://x y"})
    void from_otherUrls_isRefused(String url) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("registry.url", url)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("registry.url")
                .hasMessageNotContaining("u:p");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "30001"})
    void from_otherTimeouts_isRefused(String milliseconds) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("registry.timeout.ms", milliseconds)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("registry.timeout.ms");
    }

    @Test
    void from_otherRepositories_isRefused() {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("sweep.repositories", "library/hello,Not/One")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Not/One");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sweep.rate", "sweep.requested.rate"})
    void from_ratesAboveTheMost_isRefused_unlessTheMostIsRaised(String key) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of(key, "201")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("sweep.rate.max");
        assertThat(IngestConfig.from(Map.of(key, "201", "sweep.rate.max", "201"))
                        .sweep())
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5081", ":5081", "host:", "host:70000", "host:x"})
    void from_otherAddresses_isRefused(String listen) {
        assertThatThrownBy(() -> IngestConfig.from(Map.of("ingest.listen", listen)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("ingest.listen");
    }
}
