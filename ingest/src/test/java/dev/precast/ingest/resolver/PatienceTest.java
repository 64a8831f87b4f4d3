package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.IngestConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private final Patience patience = Patience.of(IngestConfig.from(Map.of()).resolver());

    @Test
    void jitter_isEvenBetweenZeroAndTheCeiling() {
        assertThat(patience.afterFailure(1, 0, Optional.empty())).isEqualTo(Duration.ZERO);
        assertThat(patience.afterFailure(1, 0.5, Optional.empty())).isEqualTo(Duration.ofMillis(100));
        assertThat(patience.afterFailure(3, 0.5, Optional.empty())).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void ceiling_isSixtySeconds_howeverManyFailures() {
        assertThat(patience.afterFailure(10, 0.999, Optional.empty()))
                .isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
        assertThat(patience.afterFailure(1_000_000, 0.5, Optional.empty())).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void retryAfter_isAFloor() {
        assertThat(patience.afterFailure(1, 0.5, Optional.of(Duration.ofSeconds(90))))
                .isEqualTo(Duration.ofMillis(90_100));
    }

    @Test
    void schedule_isTheDocumentedOne() {
        assertThat(patience.afterDisagreement(1)).contains(Duration.ZERO);
        assertThat(patience.afterDisagreement(2)).contains(Duration.ofMillis(50));
        assertThat(patience.afterDisagreement(7)).contains(Duration.ofSeconds(60));
        assertThat(patience.afterDisagreement(8)).isEmpty();
    }
}
