package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The tags that have unfinished hints, each with its {@link TagState}: who is to be read now, later, or is being read. A tag is
 * read by one worker at a time, so its records are written in the order in which they were read. Thread-safe.
 */
final class TagQueue {
    /** A hint that holds back the committed offset until it is finished. */
    record Ticket(int partition, Hint hint, Runnable finish) {}

    /** A tag to read now. */
    record Work(Tag tag, Reference reference, long hintNumber, Hint hint, boolean confirming, Optional<Digest> known) {}

    /** One tag; everything in it is guarded by the queue's lock. */
    static final class Tag {
        private final Reference reference;
        private Ticket ticket;
        private TagState state;
        private long hintNumber;
        private long timer;
        private boolean running;
        private boolean queued;
        private boolean confirming;
        private boolean dropped;
        private @Nullable Digest known;

        private Tag(Reference reference, Ticket ticket, TagState state) {
            this.reference = reference;
            this.ticket = ticket;
            this.state = state;
        }
    }

    private record Timer(long due, Tag tag, long number, boolean confirming) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Condition written = lock.newCondition();
    private final Map<Reference, Tag> tags = new HashMap<>();
    private final FairLanes<Tag> ready;
    private final PriorityQueue<Timer> timers = new PriorityQueue<>(Comparator.comparingLong(Timer::due));
    private final Patience patience;
    private final DoubleSupplier random;
    private final LongSupplier nanoTime;
    private final long origin;
    /** Until when tags without a hint must not be read, by {@link #elapsed}. */
    private final Map<Reference, Duration> leftAlone = new HashMap<>();
    /** Tags of which something was decided that may not be written yet. */
    private final Set<Tag> writing = new HashSet<>();

    private int inFlight;
    /** Tags in the lanes. */
    private int waiting;

    /** @param random for jitter, 0 (inclusive) to 1 (exclusive); called under the queue's lock */
    TagQueue(Patience patience, int perRepository, DoubleSupplier random, LongSupplier nanoTime) {
        this.patience = patience;
        this.nanoTime = nanoTime;
        this.origin = nanoTime.getAsLong();
        this.ready = new FairLanes<>(perRepository);
        this.random = random;
    }

    /** A hint arrived. It takes over from an older one of its tag, which is finished with it. */
    void offer(Reference reference, Ticket ticket) {
        Ticket overtaken = null;
        lock.lock();
        try {
            Expectation expected = Expectation.of(ticket.hint());
            Tag tag = tags.get(reference);
            if (tag == null) {
                tag = new Tag(reference, ticket, TagState.start(expected).notBefore(leftAlone.remove(reference)));
                tags.put(reference, tag);
            } else {
                overtaken = tag.ticket;
                tag.ticket = ticket;
                tag.state = tag.state.hinted(expected);
                tag.hintNumber++;
                tag.known = null;
            }
            if (!tag.running) {
                readForHint(tag);
            }
        } finally {
            lock.unlock();
        }
        if (overtaken != null) {
            overtaken.finish().run();
        }
    }

    /** Waits for a tag that is to be read. */
    Work take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                long wait = wake();
                Tag tag = ready.take();
                if (tag != null) {
                    tag.queued = false;
                    waiting--;
                    if (tag.dropped) {
                        ready.done(tag.reference.repository());
                        continue;
                    }
                    tag.running = true;
                    inFlight++;
                    return new Work(
                            tag,
                            tag.reference,
                            tag.hintNumber,
                            tag.ticket.hint(),
                            tag.confirming,
                            Optional.ofNullable(tag.known));
                }
                if (wait < 0) {
                    changed.await();
                } else {
                    changed.awaitNanos(wait);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** What follows from what was seen; empty when the tag is no longer ours. To be followed by {@link #settle}. */
    Optional<TagState.Decision> decide(Work work, Seen seen) {
        lock.lock();
        try {
            Tag tag = work.tag();
            if (tag.dropped) {
                return Optional.empty();
            }
            writing.add(tag);
            boolean current = tag.hintNumber == work.hintNumber();
            TagState.Decision decision =
                    tag.state.on(seen, current, Duration.ofNanos(elapsed()), random.getAsDouble(), patience);
            tag.state = decision.state();
            boolean whole = seen instanceof Seen.Image image && image.certain();
            tag.known = whole && decision.write() == TagState.Write.IMAGE ? ((Seen.Image) seen).root() : null;
            return Optional.of(decision);
        } finally {
            lock.unlock();
        }
    }

    /** The work is done and what it asked for is written, or not: then {@code next} says when to try again. */
    void settle(Work work, TagState.Next next) {
        Ticket finished = null;
        lock.lock();
        try {
            Tag tag = work.tag();
            tag.running = false;
            inFlight--;
            writing.remove(tag);
            written.signalAll();
            ready.done(tag.reference.repository());
            if (!tag.dropped) {
                if (tag.hintNumber != work.hintNumber()) {
                    readForHint(tag);
                } else if (next instanceof TagState.Next.Read read) {
                    schedule(tag, read.delay(), read.confirming());
                } else {
                    tags.remove(tag.reference);
                    remember(tag);
                    finished = tag.ticket;
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (finished != null) {
            finished.finish().run();
        }
    }

    /** What the registry asked for holds for the hint that is put back, too, and for any other. */
    private void remember(Tag tag) {
        Duration until = tag.state.leftAloneUntil();
        if (until != null) {
            Duration now = Duration.ofNanos(elapsed());
            leftAlone.put(tag.reference, until);
            leftAlone.values().removeIf(end -> end.compareTo(now) <= 0);
        }
    }

    /** Forgets the tags of partitions that are no longer ours; what is being read of them will not be written. */
    void drop(Predicate<Integer> partitions) {
        lock.lock();
        try {
            List<Tag> gone = new ArrayList<>();
            for (Tag tag : tags.values()) {
                if (partitions.test(tag.ticket.partition())) {
                    tag.dropped = true;
                    gone.add(tag);
                }
            }
            gone.forEach(tag -> tags.remove(tag.reference));
        } finally {
            lock.unlock();
        }
    }

    /** Whether what was decided of the tag may still be written. */
    boolean holds(Work work) {
        lock.lock();
        try {
            return !work.tag().dropped;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until everything that was decided of tags of these partitions is written, or was not. To be called after {@link #drop}, so
     * that nothing new is decided.
     *
     * @return false when that took longer than {@code patience}
     */
    boolean awaitWritten(Predicate<Integer> partitions, Duration patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (writing.stream().anyMatch(tag -> partitions.test(tag.ticket.partition()))) {
                if (left <= 0) {
                    return false;
                }
                left = written.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    int pending() {
        lock.lock();
        try {
            return tags.size();
        } finally {
            lock.unlock();
        }
    }

    /** The repository's tags with unfinished hints, in no order. */
    Set<String> tagsOf(String repository) {
        lock.lock();
        try {
            return tags.keySet().stream()
                    .filter(tag -> tag.repository().equals(repository))
                    .map(Reference::tag)
                    .collect(Collectors.toUnmodifiableSet());
        } finally {
            lock.unlock();
        }
    }

    /** Tags that are to be read now or are being read, without those that wait for a timer. */
    int ready() {
        lock.lock();
        try {
            return waiting + inFlight;
        } finally {
            lock.unlock();
        }
    }

    /** When the oldest hint that is not finished was received; empty when there is none. */
    Optional<Instant> oldest() {
        lock.lock();
        try {
            return tags.values().stream()
                    .map(tag -> tag.ticket.hint().receivedAt())
                    .min(Comparator.naturalOrder());
        } finally {
            lock.unlock();
        }
    }

    /** At once, unless the registry asked for time: its rate limits must not be met by those who push often. */
    private void readForHint(Tag tag) {
        schedule(tag, tag.state.leftAlone(Duration.ofNanos(elapsed())), false);
    }

    private void enqueue(Tag tag, boolean confirming) {
        tag.timer++; // Outdates a timer that is set.
        tag.confirming = confirming;
        if (!tag.queued) {
            tag.queued = true;
            waiting++;
            ready.add(tag.reference.repository(), tag);
            changed.signal();
        }
    }

    private void schedule(Tag tag, Duration delay, boolean confirming) {
        if (delay.isZero()) {
            enqueue(tag, confirming);
        } else {
            tag.timer++;
            timers.add(new Timer(elapsed() + delay.toNanos(), tag, tag.timer, confirming));
            changed.signal();
        }
    }

    /** Enqueues what is due. Returns the nanoseconds until the next timer, negative when there is none. */
    private long wake() {
        while (true) {
            Timer timer = timers.peek();
            if (timer == null) {
                return -1;
            }
            boolean outdated = timer.number() != timer.tag().timer || timer.tag().dropped;
            long left = timer.due() - elapsed();
            if (!outdated && left > 0) {
                return left;
            }
            timers.remove();
            if (!outdated) {
                enqueue(timer.tag(), timer.confirming());
            }
        }
    }

    private long elapsed() {
        return nanoTime.getAsLong() - origin;
    }
}
