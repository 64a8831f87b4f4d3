package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** The steps that every parser takes. Lenient about what is missing or unknown. */
final class EventJson {
    private static final int MAX_ID = 200;

    private EventJson() {}

    /** An object or an array; everything else is malformed. */
    static JsonNode read(byte[] body) throws RejectedException {
        try {
            JsonNode root = StrictJson.read(body, "event", RefusalReason.MALFORMED_MANIFEST);
            if (!root.isContainerNode()) {
                throw malformed("The body is JSON, but neither an object nor an array.");
            }
            return root;
        } catch (RefusedException e) {
            RejectionReason reason = e.refusal().reason() == RefusalReason.AMBIGUOUS_JSON
                    ? RejectionReason.AMBIGUOUS_EVENT
                    : RejectionReason.MALFORMED_EVENT;
            throw new RejectedException(reason, e.refusal().message());
        }
    }

    static JsonNode object(byte[] body) throws RejectedException {
        return object(read(body));
    }

    static JsonNode object(JsonNode node) throws RejectedException {
        if (!node.isObject()) {
            throw malformed("Found no object, expected an event.");
        }
        return node;
    }

    static RejectedException malformed(String message) {
        return new RejectedException(RejectionReason.MALFORMED_EVENT, message);
    }

    /** The text under {@code key}; empty when it is absent, empty or no text. */
    static String text(JsonNode object, String key) {
        JsonNode value = object.path(key);
        return value.isTextual() ? value.textValue() : "";
    }

    /** RFC 3339 with any offset; absent when there is none that can be read. */
    static @Nullable Instant time(String text) {
        try {
            return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    static String shorten(String text) {
        return text.length() <= MAX_ID ? text : text.substring(0, MAX_ID) + "…";
    }
}
