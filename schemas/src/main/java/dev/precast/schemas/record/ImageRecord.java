package dev.precast.schemas.record;

import static java.util.Objects.requireNonNull;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All that the converter needs of one tag: the bytes as stored, each verified against its digest. A tag that is gone is a
 * tombstone, not a record.
 *
 * @param version grows with every observation of this tag; readers drop what is older than what they have
 * @param observedAt when this content was first seen under the tag; the signatures' time
 * @param root the manifest or index that the tag points to; absent only when its bytes could not be kept (see refusal)
 * @param children manifests of the entries of a list or index that the registry holds, in the order of the document; empty for
 *     single images
 * @param configs config blobs of the root or of the children
 * @param heldLayers digests of foreign layers whose bytes the registry itself holds
 * @param refusal a permanent fault found while reading, which says why nothing can be converted; absent normally
 */
public record ImageRecord(
        String repository,
        String tag,
        long version,
        Instant observedAt,
        Digest rootDigest,
        @Nullable Blob root,
        List<Blob> children,
        List<Blob> configs,
        List<Digest> heldLayers,
        @Nullable Refusal refusal) {
    public ImageRecord {
        requireNonNull(repository, "repository");
        requireNonNull(tag, "tag");
        requireNonNull(observedAt, "observedAt");
        requireNonNull(rootDigest, "rootDigest");
        children = children == null ? List.of() : List.copyOf(children);
        configs = configs == null ? List.of() : List.copyOf(configs);
        heldLayers = heldLayers == null ? List.of() : List.copyOf(heldLayers);
    }

    public Optional<Blob> child(Digest digest) {
        return children.stream().filter(child -> child.digest().equals(digest)).findFirst();
    }

    public Optional<Blob> config(Digest digest) {
        return configs.stream().filter(config -> config.digest().equals(digest)).findFirst();
    }

    /** Whether {@code other} says the same of the same image, apart from when and as which version it was seen. */
    public boolean sameContentAs(ImageRecord other) {
        return rootDigest.equals(other.rootDigest)
                && Objects.equals(root, other.root)
                && children.equals(other.children)
                && configs.equals(other.configs)
                && heldLayers.equals(other.heldLayers)
                && Objects.equals(refusal, other.refusal);
    }
}
