package dev.precast.ingest.sweep;

import java.util.Optional;

/**
 * Somebody wants a sweep.
 *
 * @param partition of the hints, whose repositories are meant
 * @param offset of the request among the hints
 * @param repository only this one of them; absent for all
 * @param finish to be run once it is done; never run when the process ends before, so that the next one goes on with it
 */
public record SweepRequest(int partition, long offset, Optional<String> repository, Runnable finish) {}
