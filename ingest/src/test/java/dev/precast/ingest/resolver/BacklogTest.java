package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BacklogTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @Test
    void hint_thatWaitsForMoreThanAMinute_isRemarkedOn() {
        assertThat(Backlog.remark(Optional.of(NOW.minusSeconds(61)), NOW))
                .isEqualTo("behind: the oldest hint waits for 61 s");
    }

    @Test
    void hint_thatIsYounger_isNot() {
        assertThat(Backlog.remark(Optional.of(NOW.minusSeconds(60)), NOW)).isEmpty();
        assertThat(Backlog.remark(Optional.empty(), NOW)).isEmpty();
    }
}
