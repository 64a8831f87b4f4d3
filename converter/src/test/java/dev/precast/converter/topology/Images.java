package dev.precast.converter.topology;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Small image records. */
public final class Images {
    private Images() {}

    /** A schema 2 image of one layer; {@code label} makes it a different image. */
    public static ImageRecord schema2(String repository, String tag, long version, String label) {
        return image(
                repository,
                tag,
                version,
                label,
                MediaTypes.SCHEMA2,
                MediaTypes.SCHEMA2_CONFIG,
                MediaTypes.SCHEMA2_LAYER);
    }

    /** The same as an OCI image. */
    public static ImageRecord oci(String repository, String tag, long version, String label) {
        return image(
                repository,
                tag,
                version,
                label,
                MediaTypes.OCI_MANIFEST,
                MediaTypes.OCI_CONFIG,
                MediaTypes.OCI_LAYER_GZIP);
    }

    /** An OCI image with a zstd layer. */
    public static ImageRecord zstd(String repository, String tag, long version) {
        return image(
                repository,
                tag,
                version,
                "z",
                MediaTypes.OCI_MANIFEST,
                MediaTypes.OCI_CONFIG,
                MediaTypes.OCI_LAYER_ZSTD);
    }

    private static ImageRecord image(
            String repository,
            String tag,
            long version,
            String label,
            String type,
            String configType,
            String layerType) {
        String layer = Digest.sha256(("layer " + label).getBytes(StandardCharsets.UTF_8))
                .toString();
        String config = "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Labels\":{\"is\":\"" + label
                + "\"}},\"history\":[{\"created\":\"2020-01-01T00:00:00Z\",\"created_by\":\"ADD\"}],"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layer + "\"]}}";
        Digest configDigest = Digest.sha256(config.getBytes(StandardCharsets.UTF_8));
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\",\"config\":{\"mediaType\":\"" + configType
                        + "\",\"size\":" + config.length() + ",\"digest\":\"" + configDigest
                        + "\"},\"layers\":[{\"mediaType\":\""
                        + layerType + "\",\"size\":7,\"digest\":\"" + layer + "\"}]}";
        Digest digest = Digest.sha256(manifest.getBytes(StandardCharsets.UTF_8));
        return new ImageRecord(
                repository,
                tag,
                version,
                Instant.ofEpochSecond(1_700_000_000L + version),
                digest,
                new Blob(digest, type, manifest),
                List.of(),
                List.of(new Blob(configDigest, configType, config)),
                List.of(),
                null);
    }
}
