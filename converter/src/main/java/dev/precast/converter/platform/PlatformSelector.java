package dev.precast.converter.platform;

import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Platform;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Orders the entries of a list or index by how much they are wanted. Passed over altogether: attestations, artifacts, nested
 * lists and indexes, and entries whose platform is missing or unknown.
 *
 * <p>The order is total. One entry comes before another if, by the first of these that tells them apart,
 *
 * <ol>
 *   <li>it matches an earlier one of the wanted platforms;
 *   <li>it is not marked as the zstd twin of another entry, as podman marks them;
 *   <li>it has no CPU variant, or the one that every machine of its architecture runs (amd64 v1, arm64 v8);
 *   <li>its variant is the lower one, by characters;
 *   <li>it stands earlier in the document.
 * </ol>
 *
 * <p>A wanted platform without variant matches every variant; one with a variant matches only that, where an entry without
 * variant counts as amd64 v1, arm64 v8 or arm v7, as containerd reads it ({@code platforms/database.go} at v1.7.0). Names are
 * compared exactly. {@code os.version} is not looked at.
 */
public final class PlatformSelector {
    private static final Map<String, String> USUAL_VARIANTS = Map.of("amd64", "v1", "arm64", "v8", "arm", "v7");
    private static final Set<String> BASE_VARIANTS = Set.of("amd64/v1", "arm64/v8");
    private static final String REFERENCE_TYPE = "vnd.docker.reference.type";
    private static final String ZSTD_TWIN = "io.github.containers.compression.zstd";

    private PlatformSelector() {}

    /** The entries that match one of {@code wanted}, most wanted first. */
    public static List<Descriptor> inOrder(Manifest.Index index, List<Platform> wanted) {
        return index.manifests().stream()
                .filter(entry -> !isPassedOver(entry) && rank(entry, wanted) < wanted.size())
                .sorted(Comparator.<Descriptor>comparingInt(entry -> rank(entry, wanted))
                        .thenComparing(PlatformSelector::isZstdTwin)
                        .thenComparing(entry -> !hasBaseVariant(entry))
                        .thenComparing(entry -> variant(platform(entry))))
                .toList();
    }

    /** Whether the entry is no image of a known platform. */
    public static boolean isPassedOver(Descriptor entry) {
        Platform platform = entry.platform();
        boolean image = MediaTypes.isImage(entry.mediaType()) || MediaTypes.isSchema1(entry.mediaType());
        return !image || isArtifact(entry) || platform == null || isUnknown(platform);
    }

    /** Whether the entry is an attestation or another thing that is neither an image nor a list of images. */
    public static boolean isArtifact(Descriptor entry) {
        String type = entry.mediaType();
        boolean known = MediaTypes.isImage(type) || MediaTypes.isSchema1(type) || MediaTypes.isIndex(type);
        return !known || entry.annotations().containsKey(REFERENCE_TYPE);
    }

    private static boolean isUnknown(Platform platform) {
        return isUnknown(platform.os()) || isUnknown(platform.architecture());
    }

    private static boolean isUnknown(String name) {
        return name.isEmpty() || name.equals("unknown");
    }

    private static boolean isZstdTwin(Descriptor entry) {
        return "true".equals(entry.annotations().get(ZSTD_TWIN));
    }

    private static boolean hasBaseVariant(Descriptor entry) {
        Platform platform = platform(entry);
        return platform.variant() == null || BASE_VARIANTS.contains(platform.architecture() + "/" + platform.variant());
    }

    /** The index of the first wanted platform that the entry matches; {@code wanted.size()} if none. */
    private static int rank(Descriptor entry, List<Platform> wanted) {
        return IntStream.range(0, wanted.size())
                .filter(i -> matches(platform(entry), wanted.get(i)))
                .findFirst()
                .orElse(wanted.size());
    }

    private static boolean matches(Platform offered, Platform wanted) {
        return offered.os().equals(wanted.os())
                && offered.architecture().equals(wanted.architecture())
                && (wanted.variant() == null || wanted.variant().equals(usualVariant(offered)));
    }

    private static @Nullable String usualVariant(Platform platform) {
        return platform.variant() != null ? platform.variant() : USUAL_VARIANTS.get(platform.architecture());
    }

    private static String variant(Platform platform) {
        return platform.variant() == null ? "" : platform.variant();
    }

    private static Platform platform(Descriptor entry) {
        Platform platform = entry.platform();
        if (platform == null) {
            throw new IllegalArgumentException("Entries without platform are passed over first");
        }
        return platform;
    }
}
