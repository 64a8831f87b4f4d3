package dev.precast.ingest.resolver;

import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * The unfinished offsets of one partition. What may be committed is the lowest of them: after a kill everything unfinished is
 * read again. Thread-safe.
 */
final class OffsetTracker {
    private final TreeSet<Long> unfinished = new TreeSet<>();
    private long next = -1;

    /** Nothing is unfinished before {@code offset}, which comes next. */
    synchronized void startAt(long offset) {
        next = offset;
    }

    /** Offsets come in ascending order. */
    synchronized void begin(long offset) {
        unfinished.add(offset);
        next = offset + 1;
    }

    /** Does nothing for an offset that is finished already. */
    synchronized void finish(long offset) {
        unfinished.remove(offset);
    }

    /** The offset from which a restart must read; empty while nothing was begun. */
    synchronized OptionalLong committable() {
        if (next < 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(unfinished.isEmpty() ? next : unfinished.first());
    }

    synchronized int size() {
        return unfinished.size();
    }
}
