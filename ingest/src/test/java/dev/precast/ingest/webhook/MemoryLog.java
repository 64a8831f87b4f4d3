package dev.precast.ingest.webhook;

import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is given, unless it is told not to. */
final class MemoryLog implements EventLog {
    private final List<Hint> hints = new CopyOnWriteArrayList<>();
    private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
    private volatile boolean down;

    @Override
    public void append(List<Hint> newHints, List<DeadLetter> newLetters, Duration within) throws NotPersistedException {
        if (down) {
            throw new NotPersistedException("down");
        }
        hints.addAll(newHints);
        letters.addAll(newLetters);
    }

    List<Hint> hints() {
        return hints;
    }

    List<DeadLetter> letters() {
        return letters;
    }

    /** From now on nothing is acknowledged. */
    void down() {
        down = true;
    }
}
