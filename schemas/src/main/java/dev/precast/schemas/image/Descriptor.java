package dev.precast.schemas.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest says of another blob.
 *
 * @param size bytes, 0 or more
 * @param platform absent outside lists and indexes, and where the entry has none
 * @param urls where a foreign layer lies; empty when not given; never dereferenced
 */
public record Descriptor(
        String mediaType,
        Digest digest,
        long size,
        @Nullable Platform platform,
        List<String> urls,
        Map<String, String> annotations) {
    public Descriptor {
        urls = List.copyOf(urls);
        annotations = Map.copyOf(annotations);
    }
}
