package dev.precast.schemas.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;

class ConfigReaderTest {
    private static final ConfigDef DEFINITION = new ConfigDef()
            .define("registry.url", ConfigDef.Type.STRING, "", ConfigDef.Importance.HIGH, "upstream")
            .define("registry.timeout.ms", ConfigDef.Type.INT, 1, ConfigDef.Importance.HIGH, "timeout");

    @Test
    void join_flagsBeforeEnvironmentBeforeFile() {
        Map<String, String> file = Map.of("registry.url", "file", "registry.timeout.ms", "3");
        Map<String, String> environment =
                Map.of("PRECAST_REGISTRY_URL", "environment", "PRECAST_REGISTRY_TIMEOUT_MS", "2");

        assertThat(ConfigReader.join(DEFINITION, Map.of("registry.url", "flag"), environment, file))
                .containsEntry("registry.url", "flag")
                .containsEntry("registry.timeout.ms", "2");
        assertThat(ConfigReader.join(DEFINITION, Map.of(), Map.of(), file)).isEqualTo(file);
    }

    @Test
    void join_refusesAnUnknownKeyAndNamesTheNearest() {
        assertThatThrownBy(() -> ConfigReader.join(DEFINITION, Map.of(), Map.of(), Map.of("registry.ulr", "x")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("registry.ulr")
                .hasMessageContaining("Did you mean \"registry.url\"?");
    }

    @Test
    void join_leavesOutWhatNobodyGave() {
        assertThat(ConfigReader.join(DEFINITION, Map.of(), Map.of(), Map.of())).isEmpty();
    }
}
