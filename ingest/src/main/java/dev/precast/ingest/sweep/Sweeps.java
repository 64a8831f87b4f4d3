package dev.precast.ingest.sweep;

import dev.precast.schemas.record.ResolverState;

/** Takes requests for sweeps. Thread-safe. */
public interface Sweeps {
    /** Asks for a sweep, which begins at once, or after those that were asked for before. */
    void request(SweepRequest request);

    /** How far the process that had the partition before has come with what is asked for again now. */
    void resume(int partition, ResolverState.Sweep saved);
}
