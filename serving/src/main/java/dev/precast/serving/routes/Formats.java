package dev.precast.serving.routes;

import dev.precast.schemas.image.MediaTypes;

/** Media types in one word, for metrics and logs. */
final class Formats {
    private Formats() {}

    static String of(String contentType) {
        return switch (MediaTypes.withoutParameters(contentType)) {
            case MediaTypes.SCHEMA1, MediaTypes.SCHEMA1_SIGNED -> "schema1";
            case MediaTypes.SCHEMA2 -> "schema2";
            case MediaTypes.MANIFEST_LIST -> "list";
            case MediaTypes.OCI_MANIFEST -> "oci-manifest";
            case MediaTypes.OCI_INDEX -> "oci-index";
            case MediaTypes.OCTET_STREAM -> "blob";
            default -> "other";
        };
    }
}
