package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ChallengeTest {
    @Test
    void bearer_isReadWithItsParameters() {
        assertThat(
                        Challenge.parse(
                                "Bearer realm=\"https://a/token?x=1,2\", service=reg,SCOPE=\"repository:a:pull,push\",error=\"say \\\"x\\\"\""))
                .contains(new Challenge(
                        "bearer",
                        Map.of(
                                "realm", "https://a/token?x=1,2",
                                "service", "reg",
                                "scope", "repository:a:pull,push",
                                "error", "say \"x\"")));
    }

    @Test
    void firstOfTwoEqualParameters_counts() {
        assertThat(Challenge.parse("Bearer realm=\"a\",realm=\"b\"")
                        .orElseThrow()
                        .parameters())
                .containsEntry("realm", "a");
    }

    @Test
    void scheme_alone_isEnough() {
        assertThat(Challenge.parse("Basic")).contains(new Challenge("basic", Map.of()));
    }

    @Test
    void nonsense_isNoChallenge() {
        assertThat(Challenge.parse("")).isEqualTo(Optional.empty());
        assertThat(Challenge.parse("=,=")).isEqualTo(Optional.empty());
        assertThat(Challenge.parse("Bearer " + "x".repeat(10_000))).isEqualTo(Optional.empty());
    }
}
