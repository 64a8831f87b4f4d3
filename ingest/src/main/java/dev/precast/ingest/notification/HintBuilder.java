package dev.precast.ingest.notification;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.List;

/**
 * Makes the hints of one event. Strict about names: what is outside the grammar can name nothing in a registry
 * (distribution-spec v1.1 "Pulling manifests").
 *
 * @param eventId empty: {@code fallbackId} stands in
 */
record HintBuilder(String source, String eventId, String fallbackId, Instant receivedAt) {
    /**
     * What follows from a push or delete.
     *
     * <p>Pushes by tag look at the tag; those without one move none. Deletes look at the tag; without a tag at every tag that points to the
     * digest; without both at every tag of the repository. Other actions move nothing.
     *
     * @param tag empty when there is none
     * @param digest empty when there is none; what is no digest counts as none
     */
    List<Hint> of(Action action, String repository, String tag, String digest) throws RejectedException {
        if (action == Action.PUSH && !tag.isEmpty()) {
            return List.of(tag(action, repository, tag, digest));
        }
        if (action == Action.DELETE) {
            return List.of(tag.isEmpty() ? withoutTag(action, repository, digest) : tag(action, repository, tag, ""));
        }
        return List.of();
    }

    private Hint tag(Action action, String repository, String tag, String digest) throws RejectedException {
        if (!Reference.isRepository(repository) || !Reference.isTag(tag)) {
            throw new RejectedException(
                    RejectionReason.INVALID_NAME,
                    "The event names repository \"" + EventJson.shorten(repository) + "\" and tag \""
                            + EventJson.shorten(tag) + "\", expected names of the distribution grammar.");
        }
        Digest said = Digest.tryParse(digest).orElse(null);
        return new Hint(source, action.word(), repository, tag, said, id(), receivedAt);
    }

    private Hint withoutTag(Action action, String repository, String digest) throws RejectedException {
        boolean named = Reference.isRepository(repository);
        Digest said = Digest.tryParse(digest).orElse(null);
        // A digest that cannot be read must not widen the hint to the whole repository.
        if (!named || (said == null && !digest.isEmpty())) {
            throw new RejectedException(
                    RejectionReason.INVALID_NAME,
                    "The event names repository \"" + EventJson.shorten(repository) + "\" and digest \""
                            + EventJson.shorten(digest) + "\", expected names of the distribution grammar.");
        }
        return new Hint(source, action.word(), repository, null, said, id(), receivedAt);
    }

    private String id() {
        return eventId.isEmpty() ? fallbackId : EventJson.shorten(eventId);
    }
}
