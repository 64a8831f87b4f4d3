package dev.precast.converter.topology;

import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import org.jspecify.annotations.Nullable;

/**
 * The keys as last read from their topic, and the private ones at hand. Written by the global thread and by the one that looks
 * at key files, read by the stream threads. Thread-safe.
 */
public final class KeyTable {
    /** @param offset of the last record taken in; -1 before the first */
    record Snapshot(long offset, KeyRing ring, HeldKeys held) {}

    private volatile Snapshot current;

    public KeyTable(HeldKeys held) {
        current = new Snapshot(-1, KeyRing.EMPTY, held);
    }

    Snapshot snapshot() {
        return current;
    }

    /** As the topic says. */
    public KeyRing ring() {
        return current.ring();
    }

    public HeldKeys held() {
        return current.held();
    }

    /** @param value absent to forget the record */
    synchronized void put(String recordKey, @Nullable SigningKeyRecord value, long offset) {
        current = new Snapshot(offset, current.ring().with(recordKey, value), current.held());
    }

    /** Takes in which private keys are at hand now. */
    public synchronized void hold(HeldKeys held) {
        current = new Snapshot(current.offset(), current.ring(), held);
    }
}
