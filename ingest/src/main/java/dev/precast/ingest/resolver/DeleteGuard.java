package dev.precast.ingest.resolver;

import dev.precast.ingest.GuardConfig;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds mass deletes. A registry that lost its storage, or whose credentials lost their rights, may say of every tag that it does
 * not exist, and mean it. So only some tags may be forgotten within a while; the others stay as they are, and are listed, until an
 * operator releases them or the registry has them again. Counts what this process resolves. Thread-safe.
 */
final class DeleteGuard {
    private static final Logger LOG = LoggerFactory.getLogger(DeleteGuard.class);
    /** Tags listed; of more, which the next sweep finds again, only the first are released at once. */
    private static final int MAX_LISTED = 10_000;

    private final GuardConfig config;
    private final IntSupplier known;
    private final Clock clock;
    private final LongSupplier nanoTime;
    /** When, by {@link #now}; a tag counts once, however often its tombstone is written or read. */
    private final Map<Reference, Duration> forgotten = new HashMap<>();

    private final Set<Reference> held = new LinkedHashSet<>();
    /** Until when, by {@link #now}, everything of a repository is let through; {@link Hint#EVERY_REPOSITORY} for all. */
    private final Map<String, Duration> released = new HashMap<>();

    /**
     * @param known how many tags there are
     * @param clock for times of before the start; what happens after it is measured by the other
     * @param nanoTime a clock that only goes forward: one that is set must not end a window
     */
    DeleteGuard(GuardConfig config, IntSupplier known, Clock clock, LongSupplier nanoTime) {
        this.config = config;
        this.known = known;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** Whether the tag, which the registry no longer has, may be forgotten now. If not, it is held. */
    boolean admit(Reference tag) {
        int tags = known.getAsInt(); // Outside the lock: it takes another.
        synchronized (this) {
            Duration now = now();
            prune(now);
            if (isReleased(tag.repository(), now)) {
                held.remove(tag);
                return true;
            }
            int limit = config.limit(tags + forgotten.size());
            if (forgotten.containsKey(tag) || forgotten.size() < limit) {
                held.remove(tag);
                forgotten.put(tag, now);
                return true;
            }
            hold(tag, limit);
            return false;
        }
    }

    private void hold(Reference tag, int limit) {
        if (held.isEmpty()) {
            LOG.warn(
                    "Hold the deletion of {}: {} tags were forgotten within {} s, at most {} may be without a question. If the"
                            + " registry is right, say `precast sync --release-deletes`.",
                    tag,
                    forgotten.size(),
                    config.window().toSeconds(),
                    limit);
        }
        if (held.size() < MAX_LISTED) {
            held.add(tag);
        }
    }

    /** The tag was forgotten, perhaps before this process started. */
    synchronized void forgotten(Reference tag, Instant when) {
        Duration age = age(when);
        if (age.compareTo(config.window()) < 0) {
            forgotten.merge(tag, now().minus(age), (one, other) -> one.compareTo(other) > 0 ? one : other);
        }
    }

    /** The registry has the tag. */
    synchronized void present(Reference tag) {
        held.remove(tag);
    }

    /**
     * Lets deletes through, for as long as the window is, counted from when it was said.
     *
     * @param repository or {@link Hint#EVERY_REPOSITORY}
     * @param which of the tags that are held are the caller's to look at
     * @return those of them that were held, to be looked at again
     */
    synchronized List<Reference> release(String repository, Instant said, Predicate<Reference> which) {
        released.put(repository, now().plus(config.window()).minus(age(said)));
        List<Reference> free = held.stream()
                .filter(tag -> repository.equals(Hint.EVERY_REPOSITORY)
                        || tag.repository().equals(repository))
                .filter(which)
                .toList();
        free.forEach(held::remove);
        return free;
    }

    synchronized int held() {
        return held.size();
    }

    /** How many of these are held. */
    synchronized int held(Predicate<Reference> which) {
        return (int) held.stream().filter(which).count();
    }

    /** Forgets what another process looks after from now on. */
    synchronized void drop(Predicate<Reference> which) {
        held.removeIf(which);
    }

    private boolean isReleased(String repository, Duration now) {
        return Stream.of(repository, Hint.EVERY_REPOSITORY)
                .map(released::get)
                .anyMatch(until -> until != null && now.compareTo(until) < 0);
    }

    private void prune(Duration now) {
        Duration oldest = now.minus(config.window());
        forgotten.values().removeIf(when -> when.compareTo(oldest) < 0);
        released.values().removeIf(until -> now.compareTo(until) >= 0);
    }

    /** How long ago something was; nothing that is said to be still to come. */
    private Duration age(Instant when) {
        Duration age = Duration.between(when, clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }

    private Duration now() {
        return Duration.ofNanos(nanoTime.getAsLong());
    }
}
