package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import dev.precast.schemas.image.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * "Look at this tag again": what an event, the sweep or a cache miss says. Never the truth: registries emit it before the tag
 * is written, lose it, deliver it twice or out of order.
 *
 * @param source where it came from, such as {@code distribution}, {@code generic}, {@code layout}, {@code sweep}, {@code serving}
 * @param action {@code push} or {@code delete}, whatever the source calls it; or one of the words below
 * @param tag absent when something was deleted that is no tag: look at every known tag of the repository that points to
 *     {@code digest}, or without one at every known tag of the repository
 * @param digest with a tag: what it is said to point to; absent when the source does not say, and on deletes by tag
 * @param eventId the source's id of the event; made by ingest where the source has none
 * @param receivedAt when ingest received it
 */
public record Hint(
        String source,
        String action,
        String repository,
        @Nullable String tag,
        @Nullable Digest digest,
        String eventId,
        Instant receivedAt) {
    /** Action: see what there is; nothing is said to have happened to the tag. */
    public static final String LOOK = "look";
    /**
     * Action: what is known of the tag is in doubt, see whether it still is. Says nothing of what the tag points to; who does not know
     * it takes it for a push.
     */
    public static final String RECHECK = "recheck";
    /** Action: sweep the repository, or {@link #EVERY_REPOSITORY} of the partition that the hint lies in. */
    public static final String SYNC = "sync";
    /** Action: let the held deletes of the repository, or of {@link #EVERY_REPOSITORY} of the partition, through. */
    public static final String RELEASE_DELETES = "release-deletes";
    /** In place of a repository, with the two commands above; no repository can have this name. */
    public static final String EVERY_REPOSITORY = "*";

    public Hint {
        requireNonNull(source, "source");
        requireNonNull(action, "action");
        requireNonNull(repository, "repository");
        requireNonNull(eventId, "eventId");
        requireNonNull(receivedAt, "receivedAt");
    }
}
