package dev.precast.converter.topology;

import org.jspecify.annotations.Nullable;

/**
 * What came of looking at a tag.
 *
 * @param built what to remember of it; absent when nothing was published
 */
record Visit(Outcome outcome, @Nullable Built built) {
    static final Visit UNCHANGED = new Visit(Outcome.UNCHANGED, null);
    static final Visit WAITING = new Visit(Outcome.WAITING, null);

    enum Outcome {
        /** Published again, or taken back. */
        REBUILT,
        /** As desired, or not to be converted. */
        UNCHANGED,
        /** Not as desired for want of a key; left as it is, or signed by the keys that are there. */
        WAITING
    }
}
