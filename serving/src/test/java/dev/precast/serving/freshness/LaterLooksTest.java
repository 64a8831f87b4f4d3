package dev.precast.serving.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Reference;
import dev.precast.serving.metrics.ServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaterLooksTest {
    private static final Reference TAG = new Reference("a", "v1");

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // Overflows soon, as nanoTime may.
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final LaterLooks looks = new LaterLooks(Duration.ofSeconds(30), now::get, new ServingMetrics(meters));

    @AfterEach
    void close() {
        looks.close();
    }

    @Test
    void sameTag_onceInAWhile() {
        assertThat(looks.due(TAG)).isTrue();
        assertThat(looks.due(TAG)).isFalse();
        pass(Duration.ofSeconds(29));
        assertThat(looks.due(TAG)).isFalse();
        pass(Duration.ofSeconds(2));
        assertThat(looks.due(TAG)).isTrue();
        assertThat(looks.due(TAG)).isFalse();
    }

    @Test
    void manyTags_aFewASecond_andTheRestLater() {
        assertThat(dueOf(1_000)).isEqualTo(LaterLooks.PER_SECOND);
        pass(Duration.ofMillis(100));
        assertThat(dueOf(1_000)).isZero();
        pass(Duration.ofMillis(100));
        assertThat(dueOf(1_000)).isEqualTo(1);
        pass(Duration.ofDays(1));
        assertThat(dueOf(1_000)).isEqualTo(LaterLooks.PER_SECOND);
    }

    @Test
    void zero_neverDue() {
        try (LaterLooks off = new LaterLooks(Duration.ZERO, now::get, new ServingMetrics(meters))) {
            assertThat(off.due(TAG)).isFalse();
        }
    }

    @Test
    void busy_theRestIsDropped() {
        CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < 100; i++) {
            looks.execute(() -> {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        assertThat(meters.get("precast.serving.freshness")
                        .tag("outcome", "look-dropped")
                        .counter()
                        .count())
                .isEqualTo(100 - 2 - 16);
    }

    private long dueOf(int tags) {
        long due = 0;
        for (int i = 0; i < tags; i++) {
            due += looks.due(new Reference("a", "v" + i)) ? 1 : 0;
        }
        return due;
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
