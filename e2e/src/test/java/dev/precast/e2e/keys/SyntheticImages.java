package dev.precast.e2e.keys;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Image records as ingest would write them of schema 2 images with five layers and a plausible history. Pure. */
final class SyntheticImages {
    private static final int LAYERS = 5;

    private SyntheticImages() {}

    /** @param label makes it a different image */
    static ImageRecord image(String repository, String tag, long version, String label) {
        StringBuilder history = new StringBuilder();
        StringBuilder diffIds = new StringBuilder();
        StringBuilder layers = new StringBuilder();
        for (int i = 0; i < LAYERS; i++) {
            String comma = i == 0 ? "" : ",";
            history.append(comma)
                    .append("{\"created\":\"2026-01-0")
                    .append(i + 1)
                    .append(
                            "T10:00:00.123456789Z\",\"created_by\":\"/bin/sh -c set -eux; apt-get update; apt-get install -y"
                                    + " --no-install-recommends part-")
                    .append(i)
                    .append("; rm -rf /var/lib/apt/lists/*\"}")
                    .append(",{\"created\":\"2026-01-0")
                    .append(i + 1)
                    .append("T10:00:01Z\",\"created_by\":\"/bin/sh -c #(nop)  ENV PART_")
                    .append(i)
                    .append("=yes\",\"empty_layer\":true}");
            diffIds.append(comma)
                    .append('"')
                    .append(digest(label + " diff " + i))
                    .append('"');
            layers.append(comma)
                    .append("{\"mediaType\":\"")
                    .append(MediaTypes.SCHEMA2_LAYER)
                    .append("\",\"size\":")
                    .append(1_000_000 + i)
                    .append(",\"digest\":\"")
                    .append(digest(label + " layer " + i))
                    .append("\"}");
        }
        String config =
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-05T10:00:01Z\",\"config\":{\"Env\":"
                        + "[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"],\"Cmd\":[\"/app\",\"serve\"],"
                        + "\"Labels\":{\"image\":\"" + label + "\"}},\"history\":[" + history
                        + "],\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}";
        Digest configDigest = digest(config);
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2 + "\",\"config\":{\"mediaType\":\""
                        + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":" + config.length() + ",\"digest\":\"" + configDigest
                        + "\"},\"layers\":[" + layers + "]}";
        Digest root = digest(manifest);
        return new ImageRecord(
                repository,
                tag,
                version,
                Instant.ofEpochSecond(1_790_000_000L).plusMillis(version),
                root,
                new Blob(root, MediaTypes.SCHEMA2, manifest),
                List.of(),
                List.of(new Blob(configDigest, MediaTypes.SCHEMA2_CONFIG, config)),
                List.of(),
                null);
    }

    private static Digest digest(String text) {
        return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
