package dev.precast.ingest;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.nio.charset.StandardCharsets;

/** Small manifests and configs, written out. */
public final class Images {
    private Images() {}

    /** A config that differs by {@code name}. */
    public static byte[] config(String name) {
        return bytes("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Labels\":{\"name\":\"" + name
                + "\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]},\"history\":[]}");
    }

    /** A schema 2 manifest without layers. */
    public static byte[] schema2(byte[] config) {
        return manifest(MediaTypes.SCHEMA2, MediaTypes.SCHEMA2_CONFIG, config, "");
    }

    /** @param layers JSON of the descriptors */
    public static byte[] manifest(String mediaType, String configType, byte[] config, String layers) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"" + mediaType + "\",\"config\":{\"mediaType\":\""
                + configType + "\",\"size\":" + config.length + ",\"digest\":\"" + Digest.sha256(config)
                + "\"},\"layers\":[" + layers + "]}");
    }

    /** An OCI index of {@code entries}, JSON descriptors. */
    public static byte[] index(String... entries) {
        return bytes("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                + String.join(",", entries) + "]}");
    }

    /** A descriptor; {@code more} is JSON members with a leading comma, or empty. */
    public static String entry(String mediaType, byte[] content, String more) {
        return "{\"mediaType\":\"" + mediaType + "\",\"size\":" + content.length + ",\"digest\":\""
                + Digest.sha256(content) + "\"" + more + "}";
    }

    public static String platform(String os, String architecture) {
        return ",\"platform\":{\"os\":\"" + os + "\",\"architecture\":\"" + architecture + "\"}";
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
