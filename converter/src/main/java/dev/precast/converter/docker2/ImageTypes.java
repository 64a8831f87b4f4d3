package dev.precast.converter.docker2;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import java.util.Map;
import java.util.Set;

/**
 * Which configs make a manifest an image, and which layers old clients can use. Old clients read gzip, bzip2, xz and plain tars
 * whatever the media type says (moby {@code pkg/archive} at v1.6.2), but not zstd (moby v23.0 was the first). Pure.
 */
public final class ImageTypes {
    private static final String FOREIGN_PLAIN = "application/vnd.docker.image.rootfs.foreign.diff.tar";
    private static final String OCI_FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar";
    private static final String OCI_FOREIGN_GZIP = OCI_FOREIGN + "+gzip";

    /** As containers/image maps them ({@code internal/image/oci.go}, convertToManifestSchema2, at v5.29). */
    private static final Map<String, String> DOCKER_LAYERS = Map.of(
            MediaTypes.SCHEMA2_LAYER,
            MediaTypes.SCHEMA2_LAYER,
            MediaTypes.SCHEMA2_LAYER_PLAIN,
            MediaTypes.SCHEMA2_LAYER_PLAIN,
            MediaTypes.OCI_LAYER,
            MediaTypes.SCHEMA2_LAYER_PLAIN,
            MediaTypes.OCI_LAYER_GZIP,
            MediaTypes.SCHEMA2_LAYER,
            MediaTypes.SCHEMA2_LAYER_FOREIGN,
            MediaTypes.SCHEMA2_LAYER_FOREIGN,
            FOREIGN_PLAIN,
            FOREIGN_PLAIN,
            OCI_FOREIGN,
            FOREIGN_PLAIN,
            OCI_FOREIGN_GZIP,
            MediaTypes.SCHEMA2_LAYER_FOREIGN);

    private static final Set<String> FOREIGN =
            Set.of(MediaTypes.SCHEMA2_LAYER_FOREIGN, FOREIGN_PLAIN, OCI_FOREIGN, OCI_FOREIGN_GZIP);

    private ImageTypes() {}

    /**
     * Whether the manifest is a container image: its config is an image config, and not all of its layers are something else.
     * Signatures, for example, have an image config and one layer of their own type.
     */
    public static boolean isImage(Manifest.Image manifest) {
        boolean oci = manifest.mediaType().equals(MediaTypes.OCI_MANIFEST);
        boolean config = switch (manifest.config().mediaType()) {
            case MediaTypes.SCHEMA2_CONFIG, MediaTypes.OCI_CONFIG -> true;
            // Very old engines pushed schema 2 with this type.
            case MediaTypes.OCTET_STREAM -> !oci;
            default -> false;
        };
        return config
                && (!oci
                        || manifest.layers().isEmpty()
                        || manifest.layers().stream().anyMatch(layer -> looksLikeLayer(layer.mediaType())));
    }

    /**
     * Refuses what is not an image, or has a layer that old clients cannot use.
     *
     * @param heldLayers foreign layers whose bytes the registry holds; they pass
     * @throws RefusedException {@code NOT_AN_IMAGE}, or the reason of the first layer, oldest first, that is refused
     */
    public static void requireConvertible(Manifest.Image manifest, Set<Digest> heldLayers) throws RefusedException {
        if (!isImage(manifest)) {
            throw new RefusedException(
                    RefusalReason.NOT_AN_IMAGE,
                    "The manifest has a config of the type \""
                            + shorten(manifest.config().mediaType())
                            + "\" and no layers that are file systems, expected an image.");
        }
        for (Descriptor layer : manifest.layers()) {
            dockerLayerType(layer, heldLayers);
        }
    }

    /**
     * The type that a layer has in a schema 2 manifest.
     *
     * @throws RefusedException {@code ENCRYPTED_LAYER}, {@code ZSTD_LAYER}, {@code UNSUPPORTED_LAYER_TYPE} or
     *     {@code FOREIGN_LAYER}
     */
    static String dockerLayerType(Descriptor layer, Set<Digest> heldLayers) throws RefusedException {
        String type = layer.mediaType();
        if (type.endsWith("+encrypted")) {
            throw refused(RefusalReason.ENCRYPTED_LAYER, layer, "expected a plain or gzip-compressed tar");
        }
        if (type.endsWith("+zstd") || type.endsWith(".zstd")) {
            throw refused(RefusalReason.ZSTD_LAYER, layer, "expected a plain or gzip-compressed tar");
        }
        String docker = DOCKER_LAYERS.get(type);
        if (docker == null) {
            throw refused(RefusalReason.UNSUPPORTED_LAYER_TYPE, layer, "expected a plain or gzip-compressed tar");
        }
        if (FOREIGN.contains(type) && !heldLayers.contains(layer.digest())) {
            throw refused(RefusalReason.FOREIGN_LAYER, layer, "and the registry does not hold its bytes");
        }
        return docker;
    }

    private static boolean looksLikeLayer(String mediaType) {
        return mediaType.startsWith("application/vnd.oci.image.layer.")
                || mediaType.startsWith("application/vnd.docker.image.rootfs.");
    }

    private static RefusedException refused(RefusalReason reason, Descriptor layer, String expected) {
        return new RefusedException(
                reason,
                "The layer " + layer.digest() + " has the type \"" + shorten(layer.mediaType()) + "\", " + expected
                        + ".");
    }

    private static String shorten(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "…";
    }
}
