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
 * @param requeueAfter how long a tag may only fail before its hint goes to the end of the topic
 */
record Patience(
        List<Duration> rereads, Duration retryMin, Duration retryMax, Duration deleteConfirm, Duration requeueAfter) {
    private static final Duration UNHURRIED = Duration.ofMillis(500);
    /** Between readings with the same doubtful result. */
    private static final List<Duration> DOUBTS =
            List.of(Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(200));

    static Patience of(IngestConfig.Resolver config) {
        return new Patience(
                config.rereads(), config.retryMin(), config.retryMax(), config.deleteConfirm(), config.requeueAfter());
    }

    /** Empty when it was repeated often enough. */
    Optional<Duration> afterDisagreement(int disagreements) {
        return disagreements <= rereads.size() ? Optional.of(rereads.get(disagreements - 1)) : Optional.empty();
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

    /** Empty when the same doubtful result came often enough to be believed. */
    Optional<Duration> afterDoubt(int doubts) {
        return doubts <= DOUBTS.size() ? Optional.of(DOUBTS.get(doubts - 1)) : Optional.empty();
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
