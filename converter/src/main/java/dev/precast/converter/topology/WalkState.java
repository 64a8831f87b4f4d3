package dev.precast.converter.topology;

import org.jspecify.annotations.Nullable;

/**
 * How far the walk over a partition of the image table has come.
 *
 * @param desired fingerprint of the settings, keys, requests and revision that the walk brings the tags to
 * @param cursor the last key that was brought there; absent before the first
 * @param done whether every tag was visited
 * @param requested version up to which requests to build anew have been met by earlier walks
 * @param counts of this walk
 */
record WalkState(
        String desired,
        @Nullable String cursor,
        boolean done,
        long requested,
        @Nullable Counts counts) {
    /**
     * As in {@link dev.precast.schemas.record.WalkReport}.
     *
     * @param waiting with those that are looked at again
     * @param again those that are looked at again although nothing has changed, also of what came live
     */
    record Counts(long walked, long rebuilt, long unchanged, long waiting, long again) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0);

        Counts with(Visit.Outcome outcome) {
            return new Counts(
                    walked + 1,
                    rebuilt + (outcome == Visit.Outcome.REBUILT ? 1 : 0),
                    unchanged + (outcome == Visit.Outcome.UNCHANGED ? 1 : 0),
                    waiting + (outcome == Visit.Outcome.WAITING || outcome.isForNow() ? 1 : 0),
                    again + (outcome.isForNow() ? 1 : 0));
        }
    }

    /** A walk that has not begun. */
    static WalkState fresh(String desired, long requested) {
        return new WalkState(desired, null, false, requested, Counts.NONE);
    }

    /** The same, with one more tag that is to be looked at again. */
    WalkState withOneMoreAgain() {
        Counts so = countsOrNone();
        Counts more = new Counts(so.walked(), so.rebuilt(), so.unchanged(), so.waiting(), so.again() + 1);
        return new WalkState(desired, cursor, done, requested, more);
    }

    Counts countsOrNone() {
        return counts == null ? Counts.NONE : counts;
    }
}
