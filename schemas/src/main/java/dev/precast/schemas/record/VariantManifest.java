package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.precast.schemas.image.Digest;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one manifest that a tag of the repository offers. Key {@code repository@digest}.
 *
 * @param digest what clients call it by; for signed schema 1 the digest of the payload, else of the content
 * @param content exactly what is sent
 * @param from digest of the stored manifest that it was built from; absent when it is a stored manifest itself
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VariantManifest(
        String repository,
        Digest digest,
        String mediaType,
        String content,
        @Nullable Digest from) implements VariantRecord {
    public VariantManifest {
        requireNonNull(repository, "repository");
        requireNonNull(digest, "digest");
        requireNonNull(mediaType, "mediaType");
        requireNonNull(content, "content");
    }

    public byte[] bytes() {
        return content.getBytes(StandardCharsets.UTF_8);
    }
}
