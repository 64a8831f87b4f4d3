package dev.precast.testkit;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything of one tag: what to push, and what to expect.
 *
 * @param what one line for people
 * @param blobs configs and layers; their bytes may be any, a config's need not be UTF-8
 * @param manifests children first; the last one is what the tag points to
 * @param expected why there is no schema 1 form; absent when there is one
 */
public record TestImage(
        String repository,
        String tag,
        String what,
        List<Content> blobs,
        List<Content> manifests,
        @Nullable RefusalReason expected) {
    /** When every test image was observed. */
    public static final Instant OBSERVED_AT = Instant.parse("2020-01-02T03:04:05Z");

    /** Bytes that a registry stores. */
    public static final class Content {
        private final String mediaType;
        private final byte[] bytes;
        private final Digest digest;

        public Content(String mediaType, byte[] bytes) {
            this.mediaType = mediaType;
            this.bytes = bytes.clone();
            this.digest = Digest.sha256(bytes);
        }

        public Content(String mediaType, String text) {
            this(mediaType, text.getBytes(StandardCharsets.UTF_8));
        }

        public String mediaType() {
            return mediaType;
        }

        public byte[] bytes() {
            return bytes.clone();
        }

        public Digest digest() {
            return digest;
        }

        /** As a record holds it; exact only for UTF-8. */
        public Blob blob() {
            return new Blob(digest, mediaType, new String(bytes, StandardCharsets.UTF_8));
        }
    }

    public TestImage {
        blobs = List.copyOf(blobs);
        manifests = List.copyOf(manifests);
    }

    /** What the tag points to. */
    public Content root() {
        return manifests.get(manifests.size() - 1);
    }

    /** Pushes blobs and manifests, all but the last by digest. */
    public void pushTo(DockerRegistry registry) throws IOException, InterruptedException {
        for (Content blob : blobs) {
            registry.pushBlob(repository, blob.bytes());
        }
        for (Content manifest : manifests) {
            String reference = manifest == root() ? tag : manifest.digest().toString();
            registry.pushManifest(repository, reference, manifest.mediaType(), manifest.bytes());
        }
    }

    /** The record that ingest makes of it. Blobs that are not layers are taken for configs. */
    public ImageRecord record() {
        Map<Digest, Blob> configs = new LinkedHashMap<>();
        for (Content blob : blobs) {
            if (!isLayer(blob)) {
                configs.put(blob.digest(), blob.blob());
            }
        }
        List<Blob> children = new ArrayList<>();
        manifests.subList(0, manifests.size() - 1).forEach(manifest -> children.add(manifest.blob()));
        return new ImageRecord(
                repository,
                tag,
                1,
                OBSERVED_AT,
                root().digest(),
                root().blob(),
                children,
                List.copyOf(configs.values()),
                List.of(),
                blobs.stream().allMatch(TestImage::isUtf8)
                        ? null
                        : new Refusal(RefusalReason.NOT_UTF8, "A config is not valid UTF-8."));
    }

    private static boolean isUtf8(Content blob) {
        return isLayer(blob) || Digest.sha256(blob.blob().bytes()).equals(blob.digest());
    }

    private static boolean isLayer(Content blob) {
        return blob.mediaType().equals(MediaTypes.SCHEMA2_LAYER);
    }
}
