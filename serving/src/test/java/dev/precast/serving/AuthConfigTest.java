package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.serving.token.TokenConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthConfigTest {
    private static final Map<String, String> TOKEN = Map.of(
            "serving.auth", "token",
            "serving.token.realm", "https://auth.example/token?x=1",
            "serving.token.service", "registry.example",
            "serving.token.issuer", "auth.example",
            "serving.token.keys", "a.jwks,b.pem");

    @Test
    void open() {
        AuthConfig auth = read(Map.of(
                "serving.auth", "open",
                "serving.auth.grace.ms", "0",
                "serving.open.repositories", "library/*,tools",
                "serving.catalog", "off"));
        assertThat(auth)
                .isEqualTo(new AuthConfig(
                        AuthConfig.Mode.OPEN,
                        Duration.ZERO,
                        List.of(new RepositoryPattern("library/*"), new RepositoryPattern("tools")),
                        Optional.empty(),
                        Optional.empty(),
                        false));
    }

    @Test
    void htpasswd() {
        AuthConfig auth = read(Map.of(
                "serving.auth", "htpasswd",
                "serving.htpasswd.file", "users",
                "serving.htpasswd.access", "rights",
                "serving.htpasswd.realm", "Our images"));
        assertThat(auth.passwords())
                .contains(new AuthConfig.Passwords(Path.of("users"), Optional.of(Path.of("rights")), "Our images"));
        assertThat(auth.delegated()).isFalse();
    }

    @Test
    void token() {
        Map<String, String> values = new HashMap<>(TOKEN);
        values.put("serving.token.roots", "ca.pem");
        values.put("serving.token.algorithms", "ES256,EdDSA");
        values.put("serving.token.lifetime.max.ms", "600000");
        assertThat(read(values).token())
                .contains(new TokenConfig(
                        URI.create("https://auth.example/token?x=1"),
                        "registry.example",
                        "auth.example",
                        List.of(Path.of("a.jwks"), Path.of("b.pem")),
                        List.of(Path.of("ca.pem")),
                        Set.of("ES256", "EdDSA"),
                        Duration.ofMinutes(10)));
    }

    @Test
    void open_withoutAList_isRefused() {
        assertThatThrownBy(() -> read(Map.of("serving.auth", "open")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("serving.open.repositories");
    }

    @Test
    void htpasswd_withoutAFile_isRefused() {
        assertThatThrownBy(() -> read(Map.of("serving.auth", "htpasswd")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("serving.htpasswd.file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"serving.token.realm", "serving.token.service", "serving.token.issuer", "serving.token.keys"})
    void token_withoutAll_isRefused(String key) {
        Map<String, String> values = new HashMap<>(TOKEN);
        values.remove(key);
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key);
    }

    @ParameterizedTest
    @CsvSource({
        "serving.token.algorithms, HS256",
        "serving.token.algorithms, none",
        "serving.token.realm, auth.example",
        "serving.token.realm, https://user:canary@auth.example/",
        "serving.token.service, a\"b"
    })
    void token_badValue_isRefused(String key, String value) {
        Map<String, String> values = new HashMap<>(TOKEN);
        values.put(key, value);
        assertThatThrownBy(() -> read(values))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageNotContaining("canary");
    }

    private static AuthConfig read(Map<String, String> values) {
        Map<String, String> all = new HashMap<>(values);
        all.put("registry.url", "http://127.0.0.1:5000");
        return ServingConfig.from(all).auth();
    }
}
