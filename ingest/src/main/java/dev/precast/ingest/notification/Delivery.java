package dev.precast.ingest.notification;

import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * What a registry sent, as far as parsers may look.
 *
 * @param mediaType of the body, without parameters, in lower case; empty when it has none
 * @param attributes CloudEvents attributes that came as headers (binary mode), by the header's name in lower case
 * @param receivedAt when it arrived
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared: bytes on their way to a parser.
public record Delivery(byte[] body, String mediaType, Map<String, String> attributes, Instant receivedAt) {
    /** Prefix of the headers that binary mode of the CloudEvents HTTP binding uses (v1.0.2 section 3.1.3.1). */
    public static final String ATTRIBUTE_PREFIX = "ce-";

    public Delivery {
        mediaType = mediaType.toLowerCase(Locale.ROOT);
        attributes = Map.copyOf(attributes);
    }

    /** Without attributes. */
    public static Delivery of(byte[] body, String mediaType, Instant receivedAt) {
        return new Delivery(body, mediaType, Map.of(), receivedAt);
    }

    /** The attribute {@code name}, such as {@code type}; empty when it did not come as a header. */
    String attribute(String name) {
        return attributes.getOrDefault(ATTRIBUTE_PREFIX + name, "");
    }
}
