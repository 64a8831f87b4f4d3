package dev.precast.schemas.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepositoryPatternTest {
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());

    @ParameterizedTest
    @CsvSource({
        "*, library/hello, true",
        "library/*, library/hello, true",
        "library/*, library/a/b, true",
        "library/*, library, false",
        "library/hello, library/hello, true",
        "library/hello, library/hello2, false",
        "*/hello, a/b/hello, true",
        "a*b*c, axxbyyc, true",
        "a*b*c, axxbyy, false",
    })
    void matches_aStarStandsForAnyRun(String pattern, String repository, boolean expected) {
        assertThat(new RepositoryPattern(pattern).matches(repository)).isEqualTo(expected);
    }

    @Test
    void inForce_theMostSpecificPatternWins() {
        Map<String, RepositorySettings> settings =
                Map.of("*", ON, "secret/*", RepositorySettings.OFF, "secret/open", ON, "*/open", ON);

        assertThat(RepositoryPattern.mostSpecific(settings, "secret/open"))
                .hasValueSatisfying(e -> assertThat(e.getKey()).isEqualTo("secret/open"));
        assertThat(RepositoryPattern.inForce(settings, "secret/other").schemaConversion())
                .isFalse();
        assertThat(RepositoryPattern.inForce(settings, "library/hello").schemaConversion())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "*, team/*/secret-*, team/a/secret-b",
        "team/*, team/*/secret-*, team/a/secret-b",
        "*/secret-*, team/*/secret-*, team/a/secret-b",
        "team/*-b, team/*/secret-b, team/a/secret-b",
        "te*am/*, team/*, team/a",
    })
    void inForce_moreOfTheNameWins_thenFewerStars(String general, String specific, String repository) {
        Map<String, RepositorySettings> settings = Map.of(general, ON, specific, RepositorySettings.OFF);

        assertThat(RepositoryPattern.mostSpecific(settings, repository))
                .hasValueSatisfying(e -> assertThat(e.getKey()).isEqualTo(specific));
    }

    @Test
    void inForce_passesOverWhatIsNoPattern() {
        Map<String, RepositorySettings> settings = Map.of("NO PATTERN", ON, "team/*", ON);

        assertThat(RepositoryPattern.mostSpecific(settings, "team/app"))
                .hasValueSatisfying(e -> assertThat(e.getKey()).isEqualTo("team/*"));
    }

    @Test
    void inForce_isOffWhenNothingMatches() {
        assertThat(RepositoryPattern.inForce(Map.of("library/*", ON), "team/app"))
                .isEqualTo(RepositorySettings.OFF);
    }

    @Test
    void pattern_refusesWhatNoRepositoryCanHave() {
        assertThatThrownBy(() -> new RepositoryPattern("Library/?"))
                .hasMessageContaining("Library/?")
                .hasMessageContaining("library/*");
    }
}
