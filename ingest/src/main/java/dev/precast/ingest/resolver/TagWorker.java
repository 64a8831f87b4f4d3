package dev.precast.ingest.resolver;

import dev.precast.ingest.known.Fingerprint;
import dev.precast.ingest.known.KnownTag;
import dev.precast.ingest.metrics.IngestMetrics;
import dev.precast.ingest.registry.Answer;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.role.Pulse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that reads tags and writes what it read, until it is interrupted. */
final class TagWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(TagWorker.class);

    private final TagQueue queue;
    private final ImageReader reader;
    private final Gate gate;
    private final ImageWriter writer;
    private final DeleteGuard guard;
    private final IngestMetrics metrics;
    private final Clock clock;
    private final Pulse pulse;

    /** Waits while the registry is left alone. */
    interface Gate {
        void pass() throws InterruptedException;
    }

    TagWorker(
            TagQueue queue,
            ImageReader reader,
            Gate gate,
            ImageWriter writer,
            DeleteGuard guard,
            IngestMetrics metrics,
            Clock clock,
            Pulse pulse) {
        this.queue = queue;
        this.reader = reader;
        this.gate = gate;
        this.writer = writer;
        this.guard = guard;
        this.metrics = metrics;
        this.clock = clock;
        this.pulse = pulse;
    }

    @Override
    public void run() {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                resolve(queue.take());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void resolve(TagQueue.Work work) {
        TagState.Next next = new TagState.Next.Read(java.time.Duration.ofSeconds(1), false);
        try {
            gate.pass();
            next = step(work);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | StackOverflowError e) {
            LOG.error("Cannot resolve {}: a bug; it is read again.", work.reference(), e);
            next = fail(work, Answer.Cause.UNEXPECTED_ANSWER, e.toString());
        } finally {
            queue.settle(work, next);
        }
    }

    private TagState.Next step(TagQueue.Work work) {
        int standstills = pulse.standstills();
        Reading reading = reader.read(work.reference(), work.known(), work.confirming());
        if (pulse.standstills() != standstills) {
            // What was read is old, and another process may have written what came after it.
            return new TagState.Next.Read(java.time.Duration.ofSeconds(1), false);
        }
        if (reading instanceof Reading.Failed failure) {
            LOG.debug("Cannot read {}: {}", work.reference(), failure.message());
        }
        Optional<Digest> content = reading instanceof Reading.Held held
                ? Optional.of(ImageWriter.content(held.draft()))
                : Optional.empty();
        Optional<TagState.Decision> decision = queue.decide(work, seen(reading, content, work));
        if (decision.isEmpty()) {
            return new TagState.Next.Finish(); // No longer ours: nothing is written, and nobody counts on it.
        }
        count(reading, decision.get());
        try {
            apply(work, reading, content, decision.get());
            if (decision.get().next() instanceof TagState.Next.Finish) {
                metrics.resolvedAt(clock.instant(), work.hint().receivedAt());
            }
            return decision.get().next();
        } catch (ImageWriter.NotWrittenException e) {
            return fail(work, Answer.Cause.NOT_PUBLISHED, String.valueOf(e.getMessage()));
        }
    }

    private TagState.Next fail(TagQueue.Work work, Answer.Cause cause, String message) {
        LOG.warn("Cannot finish {}: {} It is tried again.", work.reference(), message);
        metrics.retry(cause);
        TagState.Next next = queue.decide(work, new Seen.Failure(cause, Optional.empty()))
                .map(TagState.Decision::next)
                .orElseGet(TagState.Next.Finish::new);
        return next instanceof TagState.Next.Requeue ? putBack(work) : next;
    }

    private TagState.Next putBack(TagQueue.Work work) {
        try {
            writer.append(List.of(work.hint()));
            return new TagState.Next.Requeue();
        } catch (ImageWriter.NotWrittenException e) {
            return new TagState.Next.Read(java.time.Duration.ofSeconds(5), false);
        }
    }

    private Seen seen(Reading reading, Optional<Digest> content, TagQueue.Work work) {
        if (reading instanceof Reading.Held held) {
            Seen.Before before = writer.known()
                    .find(work.reference())
                    .map(known -> before(known, content.orElseThrow()))
                    .orElse(Seen.Before.NOTHING_SURE);
            Digest root = held.draft().rootDigest();
            return new Seen.Image(root, held.certain() ? content.orElseThrow() : doubts(held), held.certain(), before);
        }
        if (reading instanceof Reading.Unchanged unchanged) {
            return new Seen.Image(unchanged.root(), unchanged.root(), true, Seen.Before.SAME);
        }
        if (reading instanceof Reading.Failed failed) {
            return new Seen.Failure(failed.cause(), failed.retryAfter());
        }
        return new Seen.Gone(work.confirming());
    }

    private static Seen.Before before(KnownTag known, Digest content) {
        if (known.content().equals(Fingerprint.of(content))) {
            return Seen.Before.SAME;
        }
        return known.certain() ? Seen.Before.OTHER : Seen.Before.NOTHING_SURE;
    }

    /** Stands for the root and what is wrong with it. */
    private static Digest doubts(Reading.Held held) {
        String text = held.draft().rootDigest() + " " + held.doubts();
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    private void apply(TagQueue.Work work, Reading reading, Optional<Digest> content, TagState.Decision decision)
            throws ImageWriter.NotWrittenException {
        if (decision.write() == TagState.Write.IMAGE && reading instanceof Reading.Held held) {
            write(work, held, content.orElseThrow());
        } else if (decision.write() == TagState.Write.TOMBSTONE) {
            forget(work);
        }
        if (!(reading instanceof Reading.Failed) && !(reading instanceof Reading.Gone)) {
            guard.present(work.reference());
        }
        if (decision.next() instanceof TagState.Next.Requeue) {
            if (reading instanceof Reading.Failed failed && failed.instead().isPresent()) {
                withdraw(work, failed.instead().get());
            }
            writer.append(List.of(work.hint()));
        }
    }

    private void write(TagQueue.Work work, Reading.Held held, Digest content) throws ImageWriter.NotWrittenException {
        boolean knew = writer.known().find(work.reference()).isPresent();
        if (queue.holds(work) && writer.write(held.draft(), content, held.isWhole(), held.observedAt())) {
            published(work, held.draft().refusal() == null ? "image" : "refusal", knew);
        }
    }

    /** The tag has moved, and nobody knows when what it points to can be read: until then there is nothing, and not what was. */
    private void withdraw(TagQueue.Work work, Reading.Held refusal) throws ImageWriter.NotWrittenException {
        boolean moved = writer.known()
                .find(work.reference())
                .filter(known -> !known.pointsTo(refusal.draft().rootDigest()))
                .isPresent();
        if (moved) {
            write(work, refusal, ImageWriter.content(refusal.draft()));
        }
    }

    private void forget(TagQueue.Work work) throws ImageWriter.NotWrittenException {
        boolean known = writer.known().find(work.reference()).isPresent();
        if (known
                && queue.holds(work)
                && guard.admit(work.reference())
                && writer.writeTombstone(work.reference(), clock.instant())) {
            published(work, "tombstone", true);
        }
    }

    /** @param knew whether there was a record before */
    private void published(TagQueue.Work work, String kind, boolean knew) {
        Instant now = clock.instant();
        metrics.published(kind);
        // What a first sweep of a repository finds beside what is known is no repair.
        boolean first = !knew && work.hint().action().equals(Hint.LOOK);
        if (work.hint().source().equals("sweep") && !first) {
            metrics.repaired();
        }
        metrics.publishedAt(now, work.hint().receivedAt());
        LOG.debug("Published {} of {}", kind, work.reference());
    }

    private void count(Reading reading, TagState.Decision decision) {
        if (reading instanceof Reading.Failed failed) {
            metrics.retry(failed.cause());
        } else if (decision.next() instanceof TagState.Next.Read) {
            metrics.reread();
        }
    }
}
