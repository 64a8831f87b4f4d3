package dev.precast.serving.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Reference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HintLimitTest {
    private final AtomicLong now = new AtomicLong(-5);
    private final HintLimit limit = new HintLimit(now::get);

    @Test
    void oneTag_onceInAWhile() {
        assertThat(limit.admit(tag(1))).isTrue();
        assertThat(limit.admit(tag(1))).isFalse();
        now.addAndGet(HintLimit.AGAIN_AFTER.toNanos() - 1);
        assertThat(limit.admit(tag(1))).isFalse();
        now.incrementAndGet();
        assertThat(limit.admit(tag(1))).isTrue();
    }

    @Test
    void manyTags_soManyASecond() {
        assertThat(admitted(0, 1_000)).isEqualTo(HintLimit.PER_SECOND);
        now.addAndGet(Duration.ofMillis(500).toNanos());
        assertThat(admitted(1_000, 1_000)).isEqualTo(HintLimit.PER_SECOND / 2);
        now.addAndGet(Duration.ofHours(1).toNanos());
        assertThat(admitted(2_000, 1_000)).isEqualTo(HintLimit.PER_SECOND);
    }

    @Test
    void notAdmitted_isNotRemembered() {
        assertThat(admitted(0, 100)).isEqualTo(HintLimit.PER_SECOND);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(limit.admit(tag(99))).isTrue();
    }

    private long admitted(int from, int count) {
        return IntStream.range(from, from + count)
                .filter(i -> limit.admit(tag(i)))
                .count();
    }

    private static Reference tag(int i) {
        return new Reference("a", "v" + i);
    }
}
