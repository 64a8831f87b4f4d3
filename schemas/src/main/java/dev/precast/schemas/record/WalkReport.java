package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How far one partition of the image table has been brought to the desired state, said by the converter that holds it. Key
 * {@link RecordKeys#walkReport}. Counts are of the newest walk.
 *
 * @param desired which desired state the walk is for
 * @param done whether every tag was visited, and what was built is published
 * @param walked tags visited
 * @param rebuilt of them, those published again or taken back
 * @param unchanged of them, those that were as desired
 * @param waiting of them, those that could not be brought there, mostly for want of a key: they stay as they are
 * @param remaining tags to go, estimated; 0 when done
 * @param at when it was said
 */
public record WalkReport(
        int partition,
        Position desired,
        boolean done,
        long walked,
        long rebuilt,
        long unchanged,
        long waiting,
        long remaining,
        Instant at)
        implements WalkRecord {
    public WalkReport {
        requireNonNull(desired, "desired");
        requireNonNull(at, "at");
    }

    /**
     * A desired state by where it lies: offsets of the last records that it has taken in, -1 before the first.
     *
     * @param settings in {@code precast-settings}
     * @param keys in {@code precast-keys}
     * @param requests in {@code precast-walks}
     */
    public record Position(long settings, long keys, long requests) {
        public static final Position NONE = new Position(-1, -1, -1);

        /** Whether everything that {@code other} has taken in is taken in here too. */
        public boolean covers(Position other) {
            return settings >= other.settings && keys >= other.keys && requests >= other.requests;
        }
    }
}
