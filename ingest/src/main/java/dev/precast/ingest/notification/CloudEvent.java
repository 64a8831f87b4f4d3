package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A CloudEvent in either mode of the HTTP binding (CloudEvents v1.0.2 {@code http-protocol-binding.md}): structured, with the
 * attributes beside the data in the body, or binary, with the attributes as headers and the data as the body.
 *
 * @param id empty when it has none
 * @param time absent when it has none that can be read
 */
record CloudEvent(String id, String type, @Nullable Instant time, JsonNode data) {
    static final String MEDIA_TYPE = "application/cloudevents+json";

    static CloudEvent read(Delivery delivery) throws RejectedException {
        JsonNode root = EventJson.object(delivery.body());
        // Some send structured mode as plain JSON; only the headers of binary mode tell them apart for sure.
        boolean binary = !delivery.mediaType().equals(MEDIA_TYPE)
                && !delivery.attribute("type").isEmpty();
        return binary
                ? new CloudEvent(
                        delivery.attribute("id"),
                        delivery.attribute("type"),
                        EventJson.time(delivery.attribute("time")),
                        root)
                : structured(root);
    }

    private static CloudEvent structured(JsonNode root) throws RejectedException {
        String type = EventJson.text(root, "type");
        JsonNode data = root.path("data");
        if (type.isEmpty() || !data.isObject()) {
            throw EventJson.malformed(
                    "The body is no CloudEvent: expected \"type\" and \"data\", or a ce-type header and the data.");
        }
        return new CloudEvent(EventJson.text(root, "id"), type, EventJson.time(EventJson.text(root, "time")), data);
    }
}
