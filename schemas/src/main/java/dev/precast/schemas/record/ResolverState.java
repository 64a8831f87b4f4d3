package dev.precast.schemas.record;

import dev.precast.schemas.json.RecordJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the resolver of one partition of the hints stands. It is the metadata of the partition's committed offset in the group
 * {@link #GROUP}, so that whoever sees the offsets sees it too, whichever process resolves the partition.
 *
 * @param known tags that have an image record
 * @param heldDeletes tags that the registry no longer has and that are kept until an operator says so
 * @param registryAway whether the registry fails so often that it is left alone
 * @param sweep the last sweep that somebody asked for; absent when there was none
 */
public record ResolverState(
        int known,
        int heldDeletes,
        boolean registryAway,
        @Nullable Sweep sweep) {
    /** The consumer group of the resolvers. */
    public static final String GROUP = "precast-resolver";

    /**
     * A sweep of the partition's repositories.
     *
     * @param repositories to be swept; {@code repositoriesDone} of them are
     * @param tags known or listed so far; {@code tagsDone} of them were compared
     * @param ended whether this is all
     * @param request offset of the newest request for the whole partition that it serves; absent when single repositories were
     *     asked for, or when an older version says so
     * @param doneUpTo the last repository that is done; those before it, in the order of their characters, are too; absent while
     *     none is
     * @param unread lists of the registry that could not be read, its catalog and those of tags: what is new there is not found; 0 when
     *     an older version says so
     */
    public record Sweep(
            int repositories,
            int repositoriesDone,
            long tags,
            long tagsDone,
            long differences,
            boolean ended,
            @Nullable Long request,
            @Nullable String doneUpTo,
            int unread) {
        /** Of nothing. */
        public static final Sweep NONE = new Sweep(0, 0, 0, 0, 0, false, null, null, 0);
    }

    public String toMetadata() {
        return new String(RecordJson.write(this), StandardCharsets.UTF_8);
    }

    /** Empty for what is no such state: an older version writes none. */
    public static Optional<ResolverState> fromMetadata(@Nullable String metadata) {
        if (metadata == null || !metadata.startsWith("{")) {
            return Optional.empty();
        }
        try {
            return Optional.of(RecordJson.read(metadata.getBytes(StandardCharsets.UTF_8), ResolverState.class));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
