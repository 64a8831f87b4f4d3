package dev.precast.schemas.kafka;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** The image version in a record's headers, ASCII digits, so that {@code kcat -f %h} shows it. */
public final class VersionHeader {
    private VersionHeader() {}

    public static void put(Headers headers, long version) {
        headers.remove(TopicCatalogue.VERSION_HEADER);
        headers.add(TopicCatalogue.VERSION_HEADER, Long.toString(version).getBytes(StandardCharsets.US_ASCII));
    }

    /** Empty when there is no such header or it is not a number. */
    public static OptionalLong get(Headers headers) {
        Header header = headers.lastHeader(TopicCatalogue.VERSION_HEADER);
        if (header == null || header.value() == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(new String(header.value(), StandardCharsets.US_ASCII)));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
