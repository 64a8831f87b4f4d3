package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Digest;
import java.time.Duration;
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
 * @param disagreements readings that did not agree with that, or not for sure, since it was expected
 * @param failures in a row
 * @param doubt the doubtful result of the last reading; absent when that was not doubtful
 * @param absentSince first of the answers in a row that the tag is gone; absent when it is not
 * @param failingSince first of the failures in a row; absent when there are none
 * @param leftAloneUntil what the registry asked for with its last failure (RFC 9110 §10.2.3); absent when it did not ask
 * @param read what the tag was read to point to lately, oldest first, without repetition in a row
 */
record TagState(
        Expectation expected,
        int disagreements,
        int failures,
        @Nullable Doubt doubt,
        @Nullable Duration absentSince,
        @Nullable Duration failingSince,
        @Nullable Duration leftAloneUntil,
        List<Digest> read) {
    private static final int READ = 8;

    /**
     * The same doubtful result of several readings in a row.
     *
     * @param times how many
     * @param since the first of them
     */
    record Doubt(Digest content, int times, Duration since) {}

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
        return new TagState(expected, 0, 0, null, null, null, null, List.of());
    }

    /** The same, when the registry has asked to be left alone for longer than the hint before was kept. */
    TagState notBefore(@Nullable Duration until) {
        return new TagState(expected, disagreements, failures, doubt, absentSince, failingSince, until, read);
    }

    /** A newer hint takes over, if it says no less. What the registry itself did meanwhile stays known. */
    TagState hinted(Expectation newest) {
        Expectation next = expected.then(newest);
        // The reading that the hint causes is made in place of the one that was waited for.
        int kept = next.equals(newest) ? 0 : Math.max(0, disagreements - 1);
        Duration absent = next.gone() ? absentSince : null;
        return new TagState(next, kept, failures, doubt, absent, failingSince, leftAloneUntil, read);
    }

    /** How long the tag must not be read yet, whatever is said of it; zero when it may be. */
    Duration leftAlone(Duration now) {
        return leftAloneUntil == null || leftAloneUntil.compareTo(now) <= 0 ? Duration.ZERO : leftAloneUntil.minus(now);
    }

    /**
     * @param current whether the reading began after the newest hint was known; an older one is published, but settles nothing
     * @param now on a clock that only goes forward, from any beginning: a clock that is set must not confirm a delete
     * @param random for jitter, 0 (inclusive) to 1 (exclusive)
     */
    Decision on(Seen seen, boolean current, Duration now, double random, Patience patience) {
        if (seen instanceof Seen.Failure failure) {
            return failed(failure, now, random, patience);
        }
        return seen instanceof Seen.Image image
                ? image(image, current, now, patience)
                : gone((Seen.Gone) seen, current, now, patience);
    }

    private Decision failed(Seen.Failure failure, Duration now, double random, Patience patience) {
        Duration since = failingSince == null ? now : failingSince;
        Duration delay = patience.afterFailure(failures + 1, random, failure.retryAfter());
        Duration until = failure.retryAfter().map(asked -> now.plus(delay)).orElse(null);
        TagState state = new TagState(expected, disagreements, failures + 1, doubt, absentSince, since, until, read);
        if (now.minus(since).compareTo(patience.requeueAfter()) >= 0) {
            return new Decision(state, Write.NOTHING, new Next.Requeue());
        }
        return new Decision(state, Write.NOTHING, new Next.Read(delay, false));
    }

    private Decision image(Seen.Image image, boolean current, Duration now, Patience patience) {
        if (current && image.before() == Seen.Before.SAME && expected.told() == Expectation.Told.RECHECK) {
            // The same doubt as before: it was repeated often enough when it was new.
            return new Decision(this, Write.IMAGE, new Next.Finish());
        }
        if (image.certain()) {
            return settled(image, current, null, patience);
        }
        Doubt same = doubt != null && doubt.content().equals(image.content())
                ? new Doubt(doubt.content(), doubt.times() + 1, doubt.since())
                : new Doubt(image.content(), 1, now);
        boolean replaces = image.before() == Seen.Before.OTHER;
        TagState doubting = new TagState(expected, disagreements, 0, same, null, null, null, read);
        return patience.afterDoubt(same.times(), now.minus(same.since()), replaces)
                .map(delay -> new Decision(doubting, Write.NOTHING, new Next.Read(delay, false)))
                .orElseGet(() -> settled(image, current, same, patience));
    }

    /** A doubtful result is published, but it settles nothing: what garbled it may pass. */
    private Decision settled(Seen.Image image, boolean current, @Nullable Doubt believed, Patience patience) {
        boolean agrees = image.certain() && expected.agreesWith(image.root());
        boolean looks = agrees && current && expected.told() == Expectation.Told.PUSHED;
        Optional<Duration> look = looks ? patience.afterPush(disagreements) : Optional.empty();
        int disagreed = current && !agrees ? disagreed(patience) : disagreements + (look.isPresent() ? 1 : 0);
        TagState state = new TagState(expected, disagreed, 0, believed, null, null, null, readToo(image));
        Next next = look.<Next>map(delay -> new Next.Read(delay, false))
                .orElseGet(() -> afterImage(current, agrees, disagreed, patience));
        return new Decision(state, Write.IMAGE, next);
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
    private Decision gone(Seen.Gone gone, boolean current, Duration now, Patience patience) {
        Duration since = absentSince == null ? now : absentSince;
        boolean waiting = current && !expected.gone();
        int disagreed = waiting ? disagreements + 1 : disagreements;
        TagState state = new TagState(expected, disagreed, 0, null, since, null, null, read);
        if (!current) {
            return new Decision(state, Write.NOTHING, new Next.Read(Duration.ZERO, false));
        }
        Optional<Duration> again = waiting ? patience.afterDisagreement(disagreed) : Optional.empty();
        if (again.isPresent()) {
            return new Decision(state, Write.NOTHING, new Next.Read(again.get(), false));
        }
        Duration left = patience.deleteConfirm().minus(now.minus(since));
        if (gone.confirmed() && (left.isZero() || left.isNegative())) {
            return new Decision(state, Write.TOMBSTONE, new Next.Finish());
        }
        return new Decision(state, Write.NOTHING, new Next.Read(left.isNegative() ? Duration.ZERO : left, true));
    }
}
