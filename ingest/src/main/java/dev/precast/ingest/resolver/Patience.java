package dev.precast.ingest.resolver;

import dev.precast.ingest.IngestConfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How long to wait for what. Pure.
 *
 * @param rereads delays after the first, second … reading that does not agree with the newest hint
 * @param deleteConfirm least time between the first and the last answer that a tag is gone
 * @param doubtFor how long a doubtful result must be the same before it takes the place of one that is certain
 * @param requeueAfter how long a tag may only fail before its hint goes to the end of the topic
 */
record Patience(
        List<Duration> rereads,
        Duration retryMin,
        Duration retryMax,
        Duration deleteConfirm,
        Duration doubtFor,
        Duration requeueAfter) {
    private static final Duration UNHURRIED = Duration.ofMillis(500);
    /** After a push of which nobody says what was pushed. */
    private static final List<Duration> LOOKS = List.of(Duration.ofMillis(500), Duration.ofSeconds(2));
    /** Between readings with the same doubtful result. */
    private static final List<Duration> DOUBTS =
            List.of(Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(200));

    static Patience of(IngestConfig.Resolver config) {
        return new Patience(
                config.rereads(),
                config.retryMin(),
                config.retryMax(),
                config.deleteConfirm(),
                config.doubtFor(),
                config.requeueAfter());
    }

    /** Empty when it was repeated often enough. */
    Optional<Duration> afterDisagreement(int disagreements) {
        return disagreements <= rereads.size() ? Optional.of(rereads.get(disagreements - 1)) : Optional.empty();
    }

    /** Empty when a tag was read often enough after a push that does not say what it points to. */
    Optional<Duration> afterPush(int looks) {
        return looks < LOOKS.size() ? Optional.of(LOOKS.get(looks)) : Optional.empty();
    }

    /** Of how many disagreements the delay is the first that takes its time; at least 1, at most all. */
    int unhurried() {
        for (int i = 0; i < rereads.size(); i++) {
            if (rereads.get(i).compareTo(UNHURRIED) >= 0) {
                return i + 1;
            }
        }
        return Math.max(1, rereads.size());
    }

    /**
     * Empty when the same doubtful result came often enough to be believed, and for long enough if it replaces one that is certain: what
     * goes wrong on the way goes wrong for every tag.
     *
     * @param doubts 1 or more
     * @param lasted since the first of them
     */
    Optional<Duration> afterDoubt(int doubts, Duration lasted, boolean replaces) {
        Duration gap = doubts <= DOUBTS.size() ? DOUBTS.get(doubts - 1) : Duration.ZERO;
        if (replaces) {
            Duration share = doubts <= DOUBTS.size() ? doubtFor.dividedBy(DOUBTS.size()) : doubtFor.minus(lasted);
            gap = share.compareTo(gap) > 0 ? share : gap;
        }
        return gap.isZero() ? Optional.empty() : Optional.of(gap);
    }

    /**
     * Exponential backoff with full jitter: even over 0 to the ceiling, which doubles, so that many tags that failed together do
     * not come back together.
     *
     * @param failures in a row, 1 or more
     * @param random 0 (inclusive) to 1 (exclusive)
     */
    Duration afterFailure(int failures, double random, Optional<Duration> retryAfter) {
        int doublings = Math.min(failures - 1, 30);
        double ceiling = Math.min((double) retryMax.toMillis(), (double) retryMin.toMillis() * (1L << doublings));
        Duration jittered = Duration.ofMillis((long) (ceiling * random));
        // What the registry asks for is a floor; the jitter on top keeps tags apart.
        return retryAfter.map(jittered::plus).orElse(jittered);
    }
}
