package dev.precast.ingest.sweep;

import dev.precast.schemas.record.Hint;
import java.util.List;

/** Where a sweep puts what it found: at the end of the hints, like every event. Thread-safe. */
public interface HintSink {
    /** Returns once all are durable; repeats itself until then. */
    void append(List<Hint> hints) throws InterruptedException;

    /** Tags that wait to be read now, or are: while these are many, a sweep waits. Those that wait for a time do not count. */
    int pending();
}
