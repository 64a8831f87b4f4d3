package dev.precast.serving.metrics;

import dev.precast.schemas.image.MediaTypes;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** The form of what was sent. */
public enum Format {
    SCHEMA1("schema1"),
    SCHEMA2("schema2"),
    LIST("list"),
    OCI_MANIFEST("oci-manifest"),
    OCI_INDEX("oci-index"),
    BLOB("blob"),
    ERROR("error"),
    OTHER("other"),
    /** Nothing was sent but headers. */
    NONE("none");

    private static final Map<String, Format> BY_LABEL =
            Arrays.stream(values()).collect(Collectors.toMap(Format::label, value -> value));

    private final String label;

    Format(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }

    /** The one with this label; {@link #OTHER} for any other. */
    public static Format labelled(String label) {
        return BY_LABEL.getOrDefault(label, OTHER);
    }

    /** @param contentType with or without parameters */
    public static Format of(String contentType) {
        return switch (MediaTypes.withoutParameters(contentType)) {
            case MediaTypes.SCHEMA1, MediaTypes.SCHEMA1_SIGNED -> SCHEMA1;
            case MediaTypes.SCHEMA2 -> SCHEMA2;
            case MediaTypes.MANIFEST_LIST -> LIST;
            case MediaTypes.OCI_MANIFEST -> OCI_MANIFEST;
            case MediaTypes.OCI_INDEX -> OCI_INDEX;
            case MediaTypes.OCTET_STREAM -> BLOB;
            default -> OTHER;
        };
    }
}
