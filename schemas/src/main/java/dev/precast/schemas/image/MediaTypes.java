package dev.precast.schemas.image;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The media types of the field, and what kind of thing each names. */
public final class MediaTypes {
    public static final String SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+json";
    public static final String SCHEMA1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    public static final String SCHEMA2 = "application/vnd.docker.distribution.manifest.v2+json";
    public static final String MANIFEST_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    public static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";

    public static final String SCHEMA2_CONFIG = "application/vnd.docker.container.image.v1+json";
    public static final String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String OCTET_STREAM = "application/octet-stream";

    public static final String SCHEMA2_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    public static final String SCHEMA2_LAYER_PLAIN = "application/vnd.docker.image.rootfs.diff.tar";
    public static final String SCHEMA2_LAYER_FOREIGN = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    public static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    public static final String OCI_LAYER_GZIP = "application/vnd.oci.image.layer.v1.tar+gzip";
    public static final String OCI_LAYER_ZSTD = "application/vnd.oci.image.layer.v1.tar+zstd";

    /** Every type that a registry may store a manifest under, newest first: who names them all gets what is stored. */
    public static final List<String> MANIFESTS =
            List.of(OCI_INDEX, OCI_MANIFEST, MANIFEST_LIST, SCHEMA2, SCHEMA1_SIGNED, SCHEMA1);

    private static final Set<String> IMAGES = Set.of(SCHEMA2, OCI_MANIFEST);
    private static final Set<String> INDEXES = Set.of(MANIFEST_LIST, OCI_INDEX);
    private static final Set<String> SCHEMA1_TYPES = Set.of(SCHEMA1, SCHEMA1_SIGNED);

    private MediaTypes() {}

    /** An image manifest that names a config and layers: schema 2 or OCI. */
    public static boolean isImage(String mediaType) {
        return IMAGES.contains(mediaType);
    }

    /** A manifest list or image index. */
    public static boolean isIndex(String mediaType) {
        return INDEXES.contains(mediaType);
    }

    public static boolean isSchema1(String mediaType) {
        return SCHEMA1_TYPES.contains(mediaType);
    }

    /** Type and subtype of a Content-Type header, parameters and spaces stripped, lower case. */
    public static String withoutParameters(String contentType) {
        int semicolon = contentType.indexOf(';');
        String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon);
        return type.strip().toLowerCase(Locale.ROOT);
    }
}
