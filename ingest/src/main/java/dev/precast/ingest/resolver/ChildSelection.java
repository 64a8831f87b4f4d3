package dev.precast.ingest.resolver;

import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Platform;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which entries of a list or index are worth reading. Pure. */
final class ChildSelection {
    /** Children read of one list or index: real ones have a dozen. */
    static final int MAX_CHILDREN = 64;

    /** BuildKit's mark of an entry that describes another ({@code docs/attestations/attestation-storage.md}). */
    private static final String ATTESTATION = "vnd.docker.reference.type";

    /** distribution-spec and Docker: layers that registries need not hold. */
    private static final Set<String> FOREIGN_WORDS = Set.of("foreign", "nondistributable");

    private ChildSelection() {}

    /** Image manifests, schema 1 included, for a known platform, linux/amd64 first, then in the order of the document. */
    static List<Descriptor> wanted(Manifest.Index index) {
        return index.manifests().stream()
                .filter(ChildSelection::isImage)
                .sorted(Comparator.comparing(entry -> !isDefault(entry.platform())))
                .limit(MAX_CHILDREN)
                .toList();
    }

    static boolean isForeign(Descriptor layer) {
        return FOREIGN_WORDS.stream().anyMatch(layer.mediaType()::contains);
    }

    private static boolean isImage(Descriptor entry) {
        Platform platform = entry.platform();
        boolean unknown = platform != null
                && platform.os().equals("unknown")
                && platform.architecture().equals("unknown");
        boolean manifest = MediaTypes.isImage(entry.mediaType()) || MediaTypes.isSchema1(entry.mediaType());
        return manifest && !entry.annotations().containsKey(ATTESTATION) && !unknown;
    }

    private static boolean isDefault(@Nullable Platform platform) {
        return platform != null
                && platform.os().equals(Platform.LINUX_AMD64.os())
                && platform.architecture().equals(Platform.LINUX_AMD64.architecture());
    }
}
