package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FrontConfigTest {
    static final FrontConfig DEFAULTS = new FrontConfig(
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(3),
            2_000,
            100,
            256,
            512,
            64,
            32,
            Optional.empty(),
            false,
            FrontConfig.AccessLogForm.OFF,
            true,
            32L << 20,
            Set.of());

    @Test
    void from_everyKey() {
        Map<String, String> values = new HashMap<>(Map.of(
                "serving.headers.timeout.ms", "1000",
                "serving.stall.timeout.ms", "2000",
                "serving.drain.ms", "3001",
                "serving.connections", "4",
                "serving.connections.per.address", "0",
                "serving.limit.manifests", "5",
                "serving.limit.blobs", "6",
                "serving.limit.auth", "7",
                "serving.limit.lists", "8"));
        values.put("serving.tls.certificate", "/c.pem");
        values.put("serving.tls.key", "/k.pem");
        values.put("serving.tls.http2", "true");
        values.put("serving.access.log", "json");
        values.put("serving.memory.bytes", "0");
        values.put("serving.redirects", "client");
        values.put("serving.redirect.hosts", "a.example, *.b.example");
        assertThat(front(values))
                .isEqualTo(new FrontConfig(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofMillis(3_001),
                        4,
                        0,
                        5,
                        6,
                        7,
                        8,
                        Optional.of(new FrontConfig.Tls(Path.of("/c.pem"), Path.of("/k.pem"))),
                        true,
                        FrontConfig.AccessLogForm.JSON,
                        false,
                        0,
                        Set.of("a.example", "*.b.example")));
    }

    @ParameterizedTest
    @CsvSource({
        "serving.headers.timeout.ms, 0",
        "serving.connections, 0",
        "serving.limit.blobs, -1",
        "serving.access.log, loud",
        "serving.redirects, both",
        "serving.tls.key, /only/one",
        "serving.tls.certificate, /only/one"
    })
    void from_refused(String key, String value) {
        assertThatThrownBy(() -> front(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key);
    }

    private static FrontConfig front(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(values);
        all.put("registry.url", "http://h");
        return ServingConfig.from(all).front();
    }
}
