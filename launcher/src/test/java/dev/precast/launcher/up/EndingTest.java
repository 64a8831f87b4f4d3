package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndingTest {
    @Test
    void patience_isLongerThanTheDrain() {
        assertThat(Ending.patience(Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(3_500));
        assertThat(Ending.patience(Duration.ofSeconds(3))).isEqualTo(Duration.ofMillis(3_500));
        assertThat(Ending.patience(Duration.ofMinutes(1))).isGreaterThan(Duration.ofMinutes(1));
    }

    @Test
    void run_waitsForPartsAsLongAsItMay() {
        Ending ending = new Ending();
        CountDownLatch ended = new CountDownLatch(1);
        ending.addTogether(
                List.of(() -> {
                    TimeUnit.MILLISECONDS.sleep(500);
                    ended.countDown();
                }),
                Duration.ofSeconds(30));
        ending.run();
        assertThat(ended.getCount()).isZero();
    }
}
