package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.GuardConfig;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeleteGuardTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private int known = 1000;
    private final AtomicLong nanos = new AtomicLong(Long.MIN_VALUE / 2);
    private final DeleteGuard guard = guard(new GuardConfig(30, 2, HOUR));

    @ParameterizedTest
    @CsvSource({"5, 10", "500, 10", "1000, 20", "1500, 30", "1000000, 30"})
    void tagsForgottenWithinTheWindow_areLimited(int tags, int expected) {
        assertThat(new GuardConfig(30, 2, HOUR).limit(tags)).isEqualTo(expected);
    }

    @Test
    void limitOfZero_holdsEveryDelete() {
        assertThat(guard(new GuardConfig(0, 5, HOUR)).admit(tag(1))).isFalse();
    }

    @Test
    void massDelete_isHeld_andTheRestOfTheWindowToo() {
        assertThat(admitted(100)).isEqualTo(20);
        assertThat(guard.held()).isEqualTo(80);
        later(HOUR);
        assertThat(guard.admit(tag(200))).isFalse();

        later(Duration.ofMillis(1));
        assertThat(guard.admit(tag(201))).isTrue();
        assertThat(guard.held()).as("nothing is let go by itself").isEqualTo(81);
    }

    @Test
    void release_letsEverythingThrough_forAWhile() {
        admitted(50);

        assertThat(guard.release(Hint.EVERY_REPOSITORY, NOW, any -> true))
                .hasSize(30)
                .contains(tag(49));
        assertThat(guard.held()).isZero();
        later(HOUR.minusMillis(1));
        assertThat(admitted(50)).isEqualTo(50);
        assertThat(guard.held()).isZero();
        later(Duration.ofMillis(1));
        admitted(50);
        assertThat(guard.held()).isPositive();
    }

    @Test
    void releaseOfARepository_leavesTheOthersHeld() {
        admitted(50);
        Reference other = new Reference("other", "v1");
        assertThat(guard.admit(other)).isFalse();

        assertThat(guard.release("other", NOW, any -> true)).containsExactly(other);
        assertThat(guard.admit(other)).isTrue();
        assertThat(guard.held()).isEqualTo(30);
    }

    @Test
    void releaseThatWasSaidLongAgo_changesNothing() {
        admitted(50);

        guard.release(Hint.EVERY_REPOSITORY, NOW.minus(HOUR), any -> true);
        assertThat(guard.admit(tag(70))).isFalse();
    }

    @Test
    void tagThatIsThereAgain_isNoLongerHeld() {
        admitted(50);
        guard.present(tag(49));

        assertThat(guard.held()).isEqualTo(29);
    }

    @Test
    void whatWasForgottenBeforeTheStart_counts() {
        IntStream.range(0, 20).forEach(i -> guard.forgotten(tag(1_000 + i), NOW.minusSeconds(60)));
        guard.forgotten(tag(2_000), NOW.minus(HOUR).minusSeconds(1));

        assertThat(guard.admit(tag(1))).isFalse();
    }

    @Test
    void tombstoneThatIsReadAgain_orWrittenOnceMore_countsOnce() {
        for (int i = 0; i < 100; i++) {
            guard.forgotten(tag(i % 19), NOW.minusSeconds(60));
        }

        assertThat(guard.admit(tag(19))).isTrue();
        assertThat(guard.admit(tag(19)))
                .as("its tombstone was not acknowledged")
                .isTrue();
        assertThat(guard.admit(tag(20))).isFalse();
    }

    @Test
    void release_leavesWhatOthersLookAt() {
        admitted(50);

        assertThat(guard.release(Hint.EVERY_REPOSITORY, NOW, tag -> tag.equals(tag(49))))
                .containsExactly(tag(49));
        assertThat(guard.held()).isEqualTo(29);
    }

    @Test
    void tagsOfOthers_areDropped() {
        admitted(50);
        guard.drop(tag -> tag.equals(tag(49)));

        assertThat(guard.held()).isEqualTo(29);
        assertThat(guard.held(tag -> tag.equals(tag(48)))).isEqualTo(1);
    }

    private int admitted(int tags) {
        int admitted = 0;
        for (int i = 0; i < tags; i++) {
            if (guard.admit(tag(i))) {
                admitted++;
                known--;
            }
        }
        return admitted;
    }

    private void later(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private DeleteGuard guard(GuardConfig config) {
        return new DeleteGuard(config, () -> known, Clock.fixed(NOW, ZoneOffset.UTC), nanos::get);
    }

    private static Reference tag(int i) {
        return new Reference("library/hello", "v" + i);
    }
}
