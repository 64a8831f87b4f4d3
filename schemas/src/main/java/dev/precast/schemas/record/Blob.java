package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.schemas.image.Digest;
import java.nio.charset.StandardCharsets;

/**
 * A manifest or config blob exactly as stored. The content is kept as a string, which is exact because only valid UTF-8 is let
 * in; its bytes have the digest.
 *
 * @param mediaType the manifest's Content-Type without parameters, or the config descriptor's media type
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Blob(Digest digest, String mediaType, String content) {
    public Blob {
        requireNonNull(digest, "digest");
        requireNonNull(mediaType, "mediaType");
        requireNonNull(content, "content");
    }

    /** The bytes as stored. */
    public byte[] bytes() {
        return content.getBytes(StandardCharsets.UTF_8);
    }
}
