package dev.precast.ingest.sweep;

import dev.precast.schemas.record.ResolverState;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** How far the sweeps that somebody asked for have come, by partition, also those that another process had begun. Thread-safe. */
final class SweepProgress {
    /** Of one partition. */
    static final class Part {
        private final @Nullable Long request;
        private int repositories;
        private int repositoriesDone;
        private long tags;
        private long tagsDone;
        private long differences;
        private boolean ended;
        private @Nullable String doneUpTo;
        private int unread;

        private Part(@Nullable Long request) {
            this.request = request;
        }

        private static Part of(ResolverState.Sweep saved) {
            Part part = new Part(saved.request());
            part.repositories = saved.repositories();
            part.repositoriesDone = saved.repositoriesDone();
            part.tags = saved.tags();
            part.tagsDone = saved.tagsDone();
            part.differences = saved.differences();
            part.ended = saved.ended();
            part.doneUpTo = saved.doneUpTo();
            part.unread = saved.unread();
            return part;
        }

        /** A list came: {@code more} tags beside the known ones. */
        synchronized void listed(int more) {
            tags += more;
        }

        synchronized void compared(boolean differs) {
            tagsDone++;
            differences += differs ? 1 : 0;
        }

        /** Repositories are done in the order of their characters. */
        synchronized void done(String repository) {
            repositoriesDone++;
            doneUpTo = repository;
        }

        /** A list could not be read: what is new there is not found. */
        synchronized void unread() {
            unread++;
        }

        /** What came of it stays to be seen until the next begins. */
        synchronized void end() {
            ended = true;
        }

        private synchronized boolean serves(long offset) {
            return !ended && request != null && request >= offset;
        }

        private synchronized ResolverState.Sweep state() {
            return new ResolverState.Sweep(
                    repositories, repositoriesDone, tags, tagsDone, differences, ended, request, doneUpTo, unread);
        }
    }

    private final Map<Integer, Part> parts = new ConcurrentHashMap<>();

    /** What the process said that had the partition before. A sweep of ours that still goes on there no longer counts. */
    void resume(int partition, ResolverState.Sweep saved) {
        parts.put(partition, Part.of(saved));
    }

    /** The repository up to which a sweep that serves the request was done already; empty to begin with the first. */
    Optional<String> doneUpTo(int partition, long request) {
        Part part = parts.get(partition);
        return part != null && part.serves(request)
                ? Optional.ofNullable(part.state().doneUpTo())
                : Optional.empty();
    }

    /**
     * Begins, or goes on where {@link #doneUpTo} says.
     *
     * @param request the newest one for the whole partition; absent for single repositories
     * @param repositories that are to be done
     * @param knownTags of these
     */
    Part begin(int partition, @Nullable Long request, int repositories, long knownTags) {
        boolean goesOn = request != null && doneUpTo(partition, request).isPresent();
        Part before = parts.get(partition);
        Part part = new Part(request);
        if (goesOn && before != null) {
            ResolverState.Sweep saved = before.state();
            part.repositoriesDone = saved.repositoriesDone();
            part.tagsDone = saved.tagsDone();
            part.differences = saved.differences();
            part.doneUpTo = saved.doneUpTo();
            part.unread = saved.unread();
        }
        part.repositories = part.repositoriesDone + repositories;
        part.tags = part.tagsDone + knownTags;
        parts.put(partition, part);
        return part;
    }

    Optional<ResolverState.Sweep> of(int partition) {
        return Optional.ofNullable(parts.get(partition)).map(Part::state);
    }
}
