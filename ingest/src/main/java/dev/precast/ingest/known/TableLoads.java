package dev.precast.ingest.known;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Which partitions of the image table are ours, and which of these have been read. One that goes and comes back while it is read
 * has not: another process may have written to it meanwhile, and what was read of it is forgotten. Not thread-safe.
 */
final class TableLoads {
    private final Set<Integer> wanted = new HashSet<>();
    private final Set<Integer> loaded = new HashSet<>();
    private final Set<Integer> loading = new HashSet<>();

    void assigned(Collection<Integer> partitions) {
        wanted.addAll(partitions);
    }

    void revoked(Collection<Integer> partitions) {
        wanted.removeAll(partitions);
        loaded.removeAll(partitions);
        loading.removeAll(partitions);
    }

    /** Those that are ours and were not read, in place of an earlier reading that was given up; empty when there are none. */
    Set<Integer> begin() {
        loading.clear();
        loading.addAll(wanted);
        loading.removeAll(loaded);
        return Set.copyOf(loading);
    }

    /** What was begun is read; returns those of it that were ours all the time. */
    Set<Integer> end() {
        Set<Integer> whole = Set.copyOf(loading);
        loaded.addAll(whole);
        loading.clear();
        return whole;
    }

    Set<Integer> loaded() {
        return loaded;
    }
}
