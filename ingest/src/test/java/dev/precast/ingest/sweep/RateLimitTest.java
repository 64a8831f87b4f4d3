package dev.precast.ingest.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {
    @Test
    void acquire_takesAtLeastAsLongAsTheRateSays() throws InterruptedException {
        RateLimit rate = new RateLimit(100);
        long begin = System.nanoTime();
        for (int i = 0; i < 10; i++) {
            rate.acquire(2);
        }
        rate.acquire();

        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }
}
