package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchedLogTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Lame lame = new Lame();
    private final WatchedLog log = new WatchedLog(lame, nanos::get);

    @Test
    void log_thatTakesNothingForHalfAMinute_isInTrouble() {
        append();
        after(29);
        append();
        assertThat(log.trouble()).isEmpty();
        after(1);
        append();

        assertThat(log.trouble()).hasValue("every event was answered 503 for 30 s: fatal");
    }

    @Test
    void log_thatTookSomethingInBetween_isNot() {
        append();
        after(20);
        lame.works = true;
        append();
        lame.works = false;
        after(20);
        append();

        assertThat(log.trouble()).isEmpty();
    }

    @Test
    void log_thatTakesAgain_isNoLongerInTrouble() {
        append();
        after(30);
        append();
        lame.works = true;
        append();

        assertThat(log.trouble()).isEmpty();
    }

    @Test
    void log_thatNobodyTriesForAMinute_isTriedAgain() {
        append();
        after(30);
        append();
        after(60);
        assertThat(log.trouble()).isEmpty();
        append();

        assertThat(log.trouble()).isEmpty();
    }

    private void after(int seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private void append() {
        try {
            log.append(List.of(), List.of(), Duration.ofSeconds(1));
            assertThat(lame.works).isTrue();
        } catch (EventLog.NotPersistedException e) {
            assertThat(lame.works).isFalse();
        }
    }

    private static final class Lame implements EventLog {
        private boolean works;

        @Override
        public void append(
                List<dev.precast.schemas.record.Hint> hints,
                List<dev.precast.schemas.record.DeadLetter> deadLetters,
                Duration within)
                throws NotPersistedException {
            if (!works) {
                throw new NotPersistedException("fatal");
            }
        }
    }
}
