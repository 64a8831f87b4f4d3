package dev.precast.schemas.error;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One error in the registry's JSON form: {@code {"errors":[{"code","message","detail"?}]}} and a line feed, as Docker
 * Distribution 2.8 writes it ({@code registry/api/errcode/handler.go} at v2.8.3).
 *
 * @param status HTTP status
 * @param code the registry's code, such as {@code MANIFEST_UNKNOWN}
 * @param message the registry's sentence
 * @param detail any JSON, absent when there is none
 */
public record RegistryError(
        int status, String code, String message, @Nullable JsonNode detail) {
    /** Content type of the body. */
    public static final String CONTENT_TYPE = "application/json; charset=utf-8";

    /** The reason in the detail while a tag's older format is being built; all others are of {@link RefusalReason}. */
    public static final String PENDING = "PENDING";

    public static RegistryError of(int status, String code, String message) {
        return new RegistryError(status, code, message, null);
    }

    /** 404 for a tag that nobody knows. */
    public static RegistryError tagUnknown(String tag) {
        return new RegistryError(
                404,
                "MANIFEST_UNKNOWN",
                "manifest unknown",
                JsonNodeFactory.instance.objectNode().put("Tag", tag));
    }

    /** 404 for a manifest digest that the repository does not have. */
    public static RegistryError manifestUnknown(String repository, String digest) {
        return new RegistryError(
                404,
                "MANIFEST_UNKNOWN",
                "manifest unknown",
                JsonNodeFactory.instance.objectNode().put("Name", repository).put("Revision", digest));
    }

    /** 404 for an image that exists but is not offered in the format asked for; the detail names the reason. */
    public static RegistryError refused(Refusal refusal) {
        return new RegistryError(
                refusal.reason().httpStatus(),
                "MANIFEST_UNKNOWN",
                "manifest unknown",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("reason", refusal.reason().name())
                        .put("message", refusal.message()));
    }

    /** 404 for a tag whose older format is still being built: worth another try in a moment. */
    public static RegistryError pending() {
        return new RegistryError(
                404,
                "MANIFEST_UNKNOWN",
                "manifest unknown",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("reason", PENDING)
                        .put("message", "The registry has the tag; its older format is being built. Try again."));
    }

    /** Why the tag is not offered in the format asked for; absent when the error is about something else. */
    public @Nullable String reason() {
        JsonNode reason = detail == null ? null : detail.get("reason");
        return reason == null ? null : reason.asText();
    }

    /** Whether the same request is worth another try in a moment, as Retry-After tells clients. */
    public boolean passing() {
        return status == 503 || PENDING.equals(reason());
    }

    /** The body: UTF-8 JSON with a trailing line feed. */
    public byte[] body() {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("code", code).put("message", message);
        if (detail != null) {
            error.set("detail", detail);
        }
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.putArray("errors").add(error);
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
