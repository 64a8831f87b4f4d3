package dev.precast.schemas.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryKeysTest {
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:5000, http://127.0.0.1:5000",
        "https://registry.example/, https://registry.example",
        "https://registry.example:8443/base//, https://registry.example:8443/base",
    })
    void url_isTakenWithoutSlashesAtItsEnd(String given, URI url) {
        assertThat(RegistryKeys.url(parsed(given))).contains(url);
    }

    @Test
    void url_isAbsentUntilItIsSaid() {
        assertThat(RegistryKeys.url(parsed(""))).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://x",
                "http://",
                "http:///",
                "/",
                "x:5000",
                "http://x?y",
                "http://x#y",
                "http://x y",
                "file:///etc"
            })
    void url_ofAnotherFormIsRefused(String given) {
        assertThatThrownBy(() -> RegistryKeys.url(parsed(given)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("registry.url")
                .hasMessageContaining(given);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://reader:hush@x", "http://reader:hush@x y", "http://hush@x/"})
    void url_withCredentialsIsRefusedWithoutRepeatingThem(String given) {
        assertThatThrownBy(() -> RegistryKeys.url(parsed(given)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("[a URL with credentials]")
                .hasMessageNotContaining("hush");
    }

    @Test
    void define_leavesKeysOfOthersAlone() {
        ConfigDef definition = new ConfigDef()
                .define(RegistryKeys.REALMS, ConfigDef.Type.LIST, "x", ConfigDef.Importance.LOW, "theirs");

        assertThat(RegistryKeys.define(definition).configKeys().get(RegistryKeys.REALMS))
                .isNotNull()
                .satisfies(key -> assertThat(key.documentation).isEqualTo("theirs"));
        assertThat(definition.names()).contains(RegistryKeys.URL, RegistryKeys.USERNAME, RegistryKeys.PASSWORD);
    }

    @Test
    void hosts_areComparedInLowerCaseWithoutBlanks() {
        assertThat(RegistryKeys.hosts(List.of(" Auth.Example:8443 ", "", "other.example")))
                .containsExactlyInAnyOrder("auth.example:8443", "other.example");
    }

    private static AbstractConfig parsed(String url) {
        return ConfigReader.parse(RegistryKeys.define(new ConfigDef()), Map.of(RegistryKeys.URL, url));
    }
}
