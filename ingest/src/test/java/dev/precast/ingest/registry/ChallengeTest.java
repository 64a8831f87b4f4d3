package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
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

    /** As long as a challenge may be; and longer than a pattern could be matched that takes stack for each character. */
    @Test
    void longestValue_isRead_onASmallStack() throws InterruptedException {
        String realm = "a\\\"".repeat(2_700);
        List<Optional<Challenge>> read = new ArrayList<>();
        Thread small = new Thread(null, () -> read.add(Challenge.parse("Bearer realm=\"" + realm + "\"")), "small", 1);
        small.start();
        small.join();

        assertThat(read).hasSize(1);
        assertThat(read.get(0).orElseThrow().parameters()).containsEntry("realm", "a\"".repeat(2_700));
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
