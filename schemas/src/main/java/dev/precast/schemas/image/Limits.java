package dev.precast.schemas.image;

/** Sizes above which nothing from outside is read on. Security rules: manifests and configs are attacker-chosen. */
public final class Limits {
    /** Bytes. Distribution caps pushed manifests at the same 4 MiB ({@code registry/handlers/manifests.go} at v2.8.3). */
    public static final int MAX_MANIFEST_BYTES = 4 << 20;
    /**
     * Bytes. Distribution 2.8 fails on configs above 4 MiB. There is no cap of its own on a string or a number of a config: both are
     * looked over once and passed on as text, no number is ever computed, so that a long one costs what its bytes cost.
     */
    public static final int MAX_CONFIG_BYTES = 4 << 20;
    /** Layers of one image, or entries of one list or index. */
    public static final int MAX_DESCRIPTORS = 1000;
    /** Bytes of a webhook body. */
    public static final int MAX_EVENT_BYTES = 1 << 20;
    /** Nesting of JSON in manifests and events. */
    public static final int MAX_JSON_DEPTH = 64;
    /**
     * Nesting of JSON in image configs, most of which is passed on unread: the depth at which Go's reader, and so Distribution
     * 2.8 and every Go client, stops ({@code maxNestingDepth} in {@code encoding/json/scanner.go}).
     */
    public static final int MAX_CONFIG_DEPTH = 10_000;
    /** Characters of one JSON string in manifests and events. */
    public static final int MAX_JSON_STRING = 1 << 20;
    /** Bytes of one record in our topics, uncompressed. */
    public static final int MAX_RECORD_BYTES = 16 << 20;

    private Limits() {}
}
