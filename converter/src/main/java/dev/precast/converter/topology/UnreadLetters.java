package dev.precast.converter.topology;

import dev.precast.schemas.record.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the records that cannot be read, and keeps the letters that Kafka Streams does not write itself until somebody does.
 * Bounded: what comes when it is full stands in the log and in its topic only. Thread-safe.
 */
final class UnreadLetters {
    /** Under this name {@link UnreadableRecords}, which Kafka Streams makes, finds it in its configuration. */
    static final String CONFIG = "precast.unread.letters";

    private static final int MOST = 100;
    private static final Logger LOG = LoggerFactory.getLogger(UnreadLetters.class);

    private final ConverterMetrics metrics;
    private final BlockingQueue<DeadLetter> waiting = new ArrayBlockingQueue<>(MOST);

    UnreadLetters(ConverterMetrics metrics) {
        this.metrics = metrics;
    }

    void count() {
        metrics.unreadable();
    }

    void keep(DeadLetter letter) {
        if (!waiting.offer(letter)) {
            LOG.warn("Too many unreadable records at once: no dead letter is written of {}", letter.offset());
        }
    }

    /** Those that wait, the oldest first; they wait no longer. */
    List<DeadLetter> take() {
        List<DeadLetter> taken = new ArrayList<>();
        waiting.drainTo(taken);
        return taken;
    }
}
