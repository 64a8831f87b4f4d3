package dev.precast.launcher.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyDirectoryTest {
    @TempDir
    Path temporary;

    @Test
    void withOurs_makesNothing_becauseOnlyTheConverterNeedsIt() throws Exception {
        Path data = temporary.resolve("data");
        Map<String, String> values = Map.of(LauncherConfig.DATA, data.toString());
        assertThat(KeyDirectory.withOurs(values)).isEqualTo(data.resolve("keys").toString());
        assertThat(data).doesNotExist();

        KeyDirectory.make(KeyDirectory.ours(values));
        assertThat(data.resolve("keys")).isDirectory();
    }
}
