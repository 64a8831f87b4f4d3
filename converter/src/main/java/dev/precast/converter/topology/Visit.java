package dev.precast.converter.topology;

import dev.precast.schemas.record.ImageRecord;
import org.jspecify.annotations.Nullable;

/**
 * What came of looking at a tag.
 *
 * @param plan what to publish and to remember of it; absent when it stays as it is
 */
record Visit(Outcome outcome, @Nullable BuildPlan plan) {
    static final Visit UNCHANGED = new Visit(Outcome.UNCHANGED, null);
    static final Visit WAITING = new Visit(Outcome.WAITING, null);
    static final Visit FAILED = new Visit(Outcome.FAILED, null);
    static final Visit STALE = new Visit(Outcome.STALE, null);

    /**
     * Compares what was built for a tag with what is desired, and builds what differs.
     *
     * @param before absent when nothing is known of the tag
     * @param anew whether the tag is to be built anew although it is as desired
     * @throws UnsignedException if it is to be built and cannot be signed
     */
    static Visit to(@Nullable Built before, ImageRecord image, Desired wanted, boolean anew) {
        if (!wanted.settings().schemaConversion()) {
            if (before == null || before.isNothing()) {
                return UNCHANGED;
            }
            return new Visit(Outcome.REBUILT, BuildPlan.takeBack(before, image.version(), -1));
        }
        if (before != null && image.version() < before.version()) {
            // It cannot be built again before it is seen again.
            boolean met = before.isNothing() || wanted.isMetBy(BuiltWith.parse(before.builtWith()));
            return met ? UNCHANGED : STALE;
        }
        Signers signers = wanted.signers();
        boolean upToDate = BuildPlan.upToDate(before, image, wanted);
        if (upToDate && (!anew || !signers.missing().isEmpty())) {
            boolean met = before != null && wanted.isMetBy(BuiltWith.parse(before.builtWith()));
            return met ? UNCHANGED : WAITING;
        }
        if (signers.areAbsent()) {
            return WAITING;
        }
        BuildPlan plan = BuildPlan.build(before, image, wanted, -1);
        if (upToDate && plan.saysTheSameAs(before)) {
            return UNCHANGED;
        }
        return new Visit(signers.missing().isEmpty() ? Outcome.REBUILT : Outcome.WAITING, plan);
    }

    enum Outcome {
        /** Published again, or taken back. */
        REBUILT,
        /** As desired, or not to be converted. */
        UNCHANGED,
        /** Not as desired for want of a key; left as it is, or signed by the keys that are there. */
        WAITING,
        /** Could not be signed; left as it is until it is tried again. */
        FAILED,
        /**
         * Not as desired, and the table has an older image than what is published: after a crash the newer one comes again. Left as
         * it is until it is looked at again.
         */
        STALE;

        /** Whether it may go better a while later, without any change of what is desired. */
        boolean isForNow() {
            return this == FAILED || this == STALE;
        }
    }
}
