package dev.precast.ingest.sweep;

import dev.precast.schemas.record.ResolverState;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How far the sweeps that somebody asked for have come, by partition. Thread-safe. */
final class SweepProgress {
    private static final class Count {
        private int repositories;
        private int repositoriesDone;
        private long tags;
        private long tagsDone;
        private long differences;
        private boolean ended;
    }

    private final Map<Integer, Count> counts = new HashMap<>();

    /** @param knownTags of the repositories to come, by partition */
    synchronized void begin(Map<Integer, Integer> repositories, Map<Integer, Integer> knownTags) {
        repositories.forEach((partition, number) -> {
            Count count =
                    counts.compute(partition, (p, before) -> before == null || before.ended ? new Count() : before);
            count.repositories += number;
            count.tags += knownTags.getOrDefault(partition, 0);
        });
    }

    /** A list came: {@code more} tags beside the known ones. */
    synchronized void listed(int partition, int more) {
        count(partition).tags += more;
    }

    synchronized void compared(int partition, boolean differs) {
        Count count = count(partition);
        count.tagsDone++;
        count.differences += differs ? 1 : 0;
    }

    synchronized void repositoryDone(int partition) {
        count(partition).repositoriesDone++;
    }

    /** What came of it stays to be seen until the next begins. */
    synchronized void end(Collection<Integer> partitions) {
        partitions.forEach(partition -> count(partition).ended = true);
    }

    synchronized Optional<ResolverState.Sweep> of(int partition) {
        return Optional.ofNullable(counts.get(partition))
                .map(count -> new ResolverState.Sweep(
                        count.repositories,
                        count.repositoriesDone,
                        count.tags,
                        count.tagsDone,
                        count.differences,
                        count.ended));
    }

    private Count count(int partition) {
        return counts.computeIfAbsent(partition, p -> new Count());
    }
}
