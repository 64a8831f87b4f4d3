package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SettingsTableTest {
    @Test
    void inForce_sameAsThePatternsSay() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            Map<String, RepositorySettings> settings = new LinkedHashMap<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                settings.put(
                        text(random, "ab*/"), new RepositorySettings(random.nextBoolean(), List.of("linux/p" + i)));
            }
            SettingsTable table = new SettingsTable(settings);
            for (int i = 0; i < 50; i++) {
                String repository = text(random, "ab/");
                assertThat(table.inForce(repository))
                        .as("seed %d, %s in %s", seed, repository, settings.keySet())
                        .isEqualTo(RepositoryPattern.inForce(settings, repository));
            }
        }
    }

    private static String text(Random random, String alphabet) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i >= 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
