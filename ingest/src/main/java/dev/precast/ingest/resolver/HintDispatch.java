package dev.precast.ingest.resolver;

import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.sweep.SweepRequest;
import dev.precast.ingest.sweep.Sweeps;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a hint makes us look at: its tag; without one, the known tags that it may be about; or, as a command, a sweep or the deletes
 * that are held. Whatever it is, the hint is finished once all of that is. For one thread.
 */
final class HintDispatch {
    private final TagQueue queue;
    private final KnownTags known;
    private final DeleteGuard guard;
    private final Sweeps sweeps;

    HintDispatch(TagQueue queue, KnownTags known, DeleteGuard guard, Sweeps sweeps) {
        this.queue = queue;
        this.known = known;
        this.guard = guard;
        this.sweeps = sweeps;
    }

    /**
     * @param offset of the hint in its partition
     * @param finish to be run once the hint is dealt with
     * @return false when the hint names nothing that could be looked at; it is not finished then
     */
    boolean take(Hint hint, int partition, long offset, Runnable finish) {
        String repository = hint.repository();
        boolean every = repository.equals(Hint.EVERY_REPOSITORY);
        boolean command = hint.action().equals(Hint.SYNC) || hint.action().equals(Hint.RELEASE_DELETES);
        if (!Reference.isRepository(repository) && !(every && command)) {
            return false;
        }
        if (hint.action().equals(Hint.SYNC)) {
            sweeps.request(
                    new SweepRequest(partition, offset, every ? Optional.empty() : Optional.of(repository), finish));
            return true;
        }
        if (hint.action().equals(Hint.RELEASE_DELETES)) {
            Predicate<Reference> ours = held -> known.partition(held.repository()) == partition;
            offer(guard.release(repository, hint.receivedAt(), ours), tag -> "delete", hint, partition, finish);
            return true;
        }
        String tag = hint.tag();
        if (tag == null) {
            fanOut(hint, partition, offset, finish);
            return true;
        }
        if (!Reference.isTag(tag)) {
            return false;
        }
        queue.offer(new Reference(repository, tag), new TagQueue.Ticket(partition, hint, finish));
        return true;
    }

    /** This process looks after the partition from now on; how the one before stood when it was last heard of. */
    void assigned(int partition, ResolverState before) {
        if (before.sweep() != null) {
            sweeps.resume(partition, before.sweep());
        }
    }

    /** Another process looks after these partitions of the hints from now on. */
    void revoked(Set<Integer> partitions) {
        guard.drop(tag -> partitions.contains(known.partition(tag.repository())));
    }

    private void fanOut(Hint hint, int partition, long offset, Runnable finish) {
        String repository = hint.repository();
        Digest digest = hint.digest();
        boolean delete = hint.action().equals("delete");
        Set<String> names =
                new LinkedHashSet<>(digest == null ? known.tagsOf(repository) : known.tagsOf(repository, digest));
        if (delete) {
            // What is being read now may have been read before it was deleted, and is known only afterwards.
            names.addAll(queue.tagsOf(repository));
        }
        Runnable end = finish;
        if (!known.knows(repository)) {
            end = last(2, finish);
            sweeps.request(new SweepRequest(partition, offset, Optional.of(repository), end));
        }
        offer(
                names.stream().map(name -> new Reference(repository, name)).toList(),
                tag -> delete && (digest == null || pointsTo(tag, digest)) ? "delete" : Hint.LOOK,
                hint,
                partition,
                end);
    }

    private void offer(
            List<Reference> tags, Function<Reference, String> action, Hint cause, int partition, Runnable finish) {
        Runnable last = last(tags.size(), finish);
        for (Reference tag : tags) {
            Hint hint = new Hint(
                    cause.source(),
                    action.apply(tag),
                    tag.repository(),
                    tag.tag(),
                    null,
                    cause.eventId(),
                    cause.receivedAt());
            queue.offer(tag, new TagQueue.Ticket(partition, hint, last));
        }
        if (tags.isEmpty()) {
            finish.run();
        }
    }

    /** Runs {@code finish} when it was run itself so many times. */
    private static Runnable last(int times, Runnable finish) {
        AtomicInteger left = new AtomicInteger(times);
        return () -> {
            if (left.decrementAndGet() == 0) {
                finish.run();
            }
        };
    }

    private boolean pointsTo(Reference tag, Digest digest) {
        return known.find(tag).map(found -> found.pointsTo(digest)).orElse(false);
    }
}
