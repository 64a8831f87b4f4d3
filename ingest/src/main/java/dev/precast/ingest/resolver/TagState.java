package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the resolution of one tag stands, and what follows from what is seen. Pure: the only decisions of the resolver are here.
 *
 * <p>Registries emit a push event before they write the tag (distribution {@code registry/handlers/manifests.go} at v2.8.3,
 * PutManifest), so a tag is read until what it says agrees with the newest hint. Each reading is the registry's own truth and is
 * published at once; the repetition only makes sure that the last one is not stale.
 *
 * @param expected after the newest hint
 * @param disagreements readings since the newest hint that did not agree with it
 * @param failures in a row
 * @param doubts readings in a row with the same doubtful result
 * @param doubted that result; absent when there are none
 * @param absentSince first of the answers in a row that the tag is gone; absent when it is not
 * @param failingSince first of the failures in a row; absent when there are none
 * @param read what the tag was read to point to lately, oldest first, without repetition in a row
 */
record TagState(
        Expectation expected,
        int disagreements,
        int failures,
        int doubts,
        @Nullable Digest doubted,
        @Nullable Instant absentSince,
        @Nullable Instant failingSince,
        List<Digest> read) {
    private static final int READ = 8;

    /** What to write. */
    enum Write {
        NOTHING,
        IMAGE,
        TOMBSTONE
    }

    /** What to do with the tag then. */
    sealed interface Next {
        /** @param confirming ask first whether the registry works at all */
        record Read(Duration delay, boolean confirming) implements Next {}

        /** The newest hint is dealt with. */
        record Finish() implements Next {}

        /** Put the hint at the end of its topic, then finish it: it would hold up the committed offset for too long. */
        record Requeue() implements Next {}
    }

    /** The next state, and what to do. */
    record Decision(TagState state, Write write, Next next) {}

    static TagState start(Expectation expected) {
        return new TagState(expected, 0, 0, 0, null, null, null, List.of());
    }

    /** A newer hint takes over. What the registry itself did meanwhile stays known. */
    TagState hinted(Expectation newest) {
        return new TagState(
                newest, 0, failures, doubts, doubted, newest.gone() ? absentSince : null, failingSince, read);
    }

    /**
     * @param current whether the reading began after the newest hint was known; an older one is published, but settles nothing
     * @param random for jitter, 0 (inclusive) to 1 (exclusive)
     */
    Decision on(Seen seen, boolean current, Instant now, double random, Patience patience) {
        if (seen instanceof Seen.Failure failure) {
            return failed(failure, now, random, patience);
        }
        return seen instanceof Seen.Image image
                ? image(image, current, patience)
                : gone((Seen.Gone) seen, current, now, patience);
    }

    private Decision failed(Seen.Failure failure, Instant now, double random, Patience patience) {
        Instant since = failingSince == null ? now : failingSince;
        TagState state = new TagState(expected, disagreements, failures + 1, doubts, doubted, absentSince, since, read);
        if (Duration.between(since, now).compareTo(patience.requeueAfter()) >= 0) {
            return new Decision(state, Write.NOTHING, new Next.Requeue());
        }
        Duration delay = patience.afterFailure(state.failures, random, failure.retryAfter());
        return new Decision(state, Write.NOTHING, new Next.Read(delay, false));
    }

    private Decision image(Seen.Image image, boolean current, Patience patience) {
        int sameDoubts = image.certain() ? 0 : image.content().equals(doubted) ? doubts + 1 : 1;
        Digest doubtful = image.certain() ? null : image.content();
        Optional<Duration> again = sameDoubts == 0 ? Optional.empty() : patience.afterDoubt(sameDoubts);
        if (again.isPresent()) {
            TagState state = new TagState(expected, disagreements, 0, sameDoubts, doubtful, null, null, read);
            return new Decision(state, Write.NOTHING, new Next.Read(again.get(), false));
        }
        // A doubtful result is published, but it settles nothing: what garbled it may pass.
        boolean agrees = image.certain() && expected.agreesWith(image.root());
        int disagreed = current && !agrees ? disagreed(patience) : disagreements;
        TagState state = new TagState(expected, disagreed, 0, sameDoubts, doubtful, null, null, readToo(image));
        return new Decision(state, Write.IMAGE, afterImage(current, agrees, disagreed, patience));
    }

    /**
     * A tag that was read to point to what the hint says, and now points to something else, has most likely moved on before its
     * event came: registries fall behind with their events when they are busy. It is read again all the same, since it may have
     * moved back, but without hurry, which such a registry would feel.
     */
    private int disagreed(Patience patience) {
        boolean behind = expected.digest() != null && read.contains(expected.digest());
        return behind ? Math.max(disagreements + 1, patience.unhurried()) : disagreements + 1;
    }

    private List<Digest> readToo(Seen.Image image) {
        if (!image.certain() || (!read.isEmpty() && read.get(read.size() - 1).equals(image.root()))) {
            return read;
        }
        List<Digest> longer = new ArrayList<>(read);
        longer.add(image.root());
        return List.copyOf(longer.subList(Math.max(0, longer.size() - READ), longer.size()));
    }

    private static Next afterImage(boolean current, boolean agrees, int disagreed, Patience patience) {
        if (!current) {
            return new Next.Read(Duration.ZERO, false);
        }
        if (agrees) {
            return new Next.Finish();
        }
        return patience.afterDisagreement(disagreed)
                .<Next>map(delay -> new Next.Read(delay, false))
                .orElseGet(Next.Finish::new);
    }

    /** Absent once is often just too early; absent for a while, with a registry that works, is gone. */
    private Decision gone(Seen.Gone gone, boolean current, Instant now, Patience patience) {
        Instant since = absentSince == null ? now : absentSince;
        boolean waiting = current && !expected.gone();
        int disagreed = waiting ? disagreements + 1 : disagreements;
        TagState state = new TagState(expected, disagreed, 0, 0, null, since, null, read);
        if (!current) {
            return new Decision(state, Write.NOTHING, new Next.Read(Duration.ZERO, false));
        }
        Optional<Duration> again = waiting ? patience.afterDisagreement(disagreed) : Optional.empty();
        if (again.isPresent()) {
            return new Decision(state, Write.NOTHING, new Next.Read(again.get(), false));
        }
        Duration left = patience.deleteConfirm().minus(Duration.between(since, now));
        if (gone.confirmed() && (left.isZero() || left.isNegative())) {
            return new Decision(state, Write.TOMBSTONE, new Next.Finish());
        }
        return new Decision(state, Write.NOTHING, new Next.Read(left.isNegative() ? Duration.ZERO : left, true));
    }
}
