package dev.precast.ingest.resolver;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When hints wait for longer than anybody should. Pure. */
final class Backlog {
    /** As in the alert {@code PrecastHintsWait} of {@code deploy/alerts.yml}. */
    private static final Duration BEHIND = Duration.ofSeconds(60);

    private Backlog() {}

    /**
     * What there is to say of it to an operator; empty when all is well.
     *
     * @param oldest since when the oldest hint waits that is not finished; absent when there is none
     */
    static String remark(Optional<Instant> oldest, Instant now) {
        return oldest.map(since -> Duration.between(since, now))
                .filter(age -> age.compareTo(BEHIND) > 0)
                .map(age -> "behind: the oldest hint waits for " + age.toSeconds() + " s")
                .orElse("");
    }
}
