package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.DeadLetter;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LetterBoxTest {
    private static final DeadLetter LETTER =
            DeadLetter.of("precast-hints", "MALFORMED_HINT", "x", new byte[] {'?'}, Instant.EPOCH, "precast-hints-0@7");

    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private final Deque<Runnable> later = new ArrayDeque<>();
    private boolean ended;

    private final LetterBox box = new LetterBox(this::write, Runnable::run, later::add, () -> ended);

    @Test
    void hint_isFinishedOnlyOnceItsLetterIsKept() {
        failures.set(2);

        box.put(LETTER, finished::incrementAndGet);
        later.remove().run();
        assertThat(finished).as("while it is nowhere").hasValue(0);
        later.remove().run();

        assertThat(finished).hasValue(1);
        assertThat(written).hasValue(1);
        assertThat(later).isEmpty();
    }

    @Test
    void letter_thatCannotBeKeptAtTheEnd_isLeftToTheNextProcess() {
        failures.set(1);
        ended = true;

        box.put(LETTER, finished::incrementAndGet);

        assertThat(later).isEmpty();
        assertThat(finished).hasValue(0);
    }

    private void write(DeadLetter letter) throws ImageWriter.NotWrittenException {
        if (failures.getAndDecrement() > 0) {
            throw new ImageWriter.NotWrittenException("no broker");
        }
        written.incrementAndGet();
    }
}
