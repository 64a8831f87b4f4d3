package dev.precast.ingest.webhook;

import dev.precast.ingest.notification.Delivery;
import dev.precast.schemas.record.DeadLetter;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The few headers that say something about an event: its media type and the attributes of a CloudEvent in binary mode. A list
 * of ours: no credential, cookie or address ever gets into a dead letter.
 */
public final class EventHeaders {
    private static final String CONTENT_TYPE = "content-type";
    private static final List<String> ATTRIBUTES = List.of("id", "source", "specversion", "time", "type");
    private static final int MAX_VALUE = 512;

    private EventHeaders() {}

    static Map<String, String> attributes(HttpServletRequest request) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String attribute : ATTRIBUTES) {
            String name = Delivery.ATTRIBUTE_PREFIX + attribute;
            String value = request.getHeader(name);
            if (value != null && value.length() <= MAX_VALUE) {
                found.put(name, value);
            }
        }
        return found;
    }

    /** What reading the delivery again needs. */
    static Map<String, String> of(Delivery delivery) {
        Map<String, String> headers = new LinkedHashMap<>(delivery.attributes());
        if (delivery.mediaType().length() <= MAX_VALUE) {
            headers.put(CONTENT_TYPE, delivery.mediaType());
        }
        return headers;
    }

    /** The delivery that ended as a dead letter, as if it came now. */
    public static Delivery again(DeadLetter letter, Instant now) {
        Map<String, String> attributes = new LinkedHashMap<>(letter.headers() == null ? Map.of() : letter.headers());
        String mediaType = attributes.remove(CONTENT_TYPE);
        return new Delivery(letter.bytes(), mediaType == null ? "" : mediaType, attributes, now);
    }
}
