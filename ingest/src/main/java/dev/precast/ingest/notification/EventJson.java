package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The steps that every parser takes. Lenient about what is missing or unknown, strict about names. */
final class EventJson {
    private static final int MAX_ID = 200;

    private EventJson() {}

    /** Parsing stops here; the body is a dead letter. */
    static final class RejectedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Notification.Rejection rejection;

        RejectedException(RejectionReason reason, String message) {
            super(message, null, false, false);
            this.rejection = new Notification.Rejection(reason, message);
        }

        Notification.Rejection rejection() {
            return rejection;
        }
    }

    static JsonNode object(byte[] body) throws RejectedException {
        try {
            JsonNode root = StrictJson.read(body, "event", RefusalReason.MALFORMED_MANIFEST);
            if (!root.isObject()) {
                throw new RejectedException(
                        RejectionReason.MALFORMED_EVENT, "The body is JSON, but no object was found, expected one.");
            }
            return root;
        } catch (RefusedException e) {
            RejectionReason reason = e.refusal().reason() == RefusalReason.AMBIGUOUS_JSON
                    ? RejectionReason.AMBIGUOUS_EVENT
                    : RejectionReason.MALFORMED_EVENT;
            throw new RejectedException(reason, e.refusal().message());
        }
    }

    /** The text under {@code key}; empty when it is absent, empty or no text. */
    static String text(JsonNode object, String key) {
        JsonNode value = object.path(key);
        return value.isTextual() ? value.textValue() : "";
    }

    /** The repository and tag, if both are what the grammar allows (distribution-spec v1.1 "Pulling manifests"). */
    static Reference reference(String repository, String tag) throws RejectedException {
        if (!Reference.isRepository(repository) || !Reference.isTag(tag)) {
            throw new RejectedException(
                    RejectionReason.INVALID_NAME,
                    "The event names repository \"" + shorten(repository) + "\" and tag \"" + shorten(tag)
                            + "\", expected names of the distribution grammar.");
        }
        return new Reference(repository, tag);
    }

    /** Absent for what is no digest: the hint then says no more than "look again". */
    static @Nullable Digest digest(String text) {
        Optional<Digest> digest = Digest.tryParse(text);
        return digest.orElse(null);
    }

    static String shorten(String text) {
        return text.length() <= MAX_ID ? text : text.substring(0, MAX_ID) + "…";
    }
}
