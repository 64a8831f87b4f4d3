package dev.precast.ingest.resolver;

import dev.precast.schemas.record.DeadLetter;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps dead letters without anybody waiting for it: writes again until the broker has one. Only then what it is of is finished; a
 * process that ends before leaves that to the next. Thread-safe.
 */
final class LetterBox {
    private static final Logger LOG = LoggerFactory.getLogger(LetterBox.class);

    /** Where letters go; may take its time. */
    interface Out {
        void write(DeadLetter letter) throws ImageWriter.NotWrittenException;
    }

    private final Out out;
    private final Executor now;
    private final Executor later;
    private final BooleanSupplier ended;

    /**
     * @param now where letters are written the first time
     * @param later the same after a while, for those that could not be written
     * @param ended after which nothing is tried again
     */
    LetterBox(Out out, Executor now, Executor later, BooleanSupplier ended) {
        this.out = out;
        this.now = now;
        this.later = later;
        this.ended = ended;
    }

    /** @param kept to be run once the broker has it */
    void put(DeadLetter letter, Runnable kept) {
        now.execute(() -> write(letter, kept));
    }

    private void write(DeadLetter letter, Runnable kept) {
        try {
            out.write(letter);
            kept.run();
        } catch (ImageWriter.NotWrittenException e) {
            if (!ended.getAsBoolean()) {
                LOG.warn("Cannot keep {} as a dead letter yet: {}", letter.offset(), e.getMessage());
                later.execute(() -> write(letter, kept));
            }
        }
    }
}
