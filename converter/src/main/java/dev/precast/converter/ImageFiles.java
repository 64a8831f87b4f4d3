package dev.precast.converter;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.ManifestParser;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Image records from files, for conversion without a registry. Pure. */
public final class ImageFiles {
    private ImageFiles() {}

    /**
     * The record of a single image, to be given to {@link ImageConverter#convert}. A file has no Content-Type: the media type is
     * the one that the manifest names, and where it names none, as OCI allows, the one that fits its config.
     *
     * @param observedAt becomes the signatures' time
     * @throws RefusedException {@code DIGEST_MISMATCH} if {@code config} is not the blob that the manifest names, and whatever
     *     {@link ManifestParser} refuses
     */
    public static ImageRecord record(String repository, String tag, byte[] manifest, byte[] config, Instant observedAt)
            throws RefusedException {
        String mediaType = mediaType(manifest);
        if (!(ManifestParser.parse(mediaType, manifest) instanceof Manifest.Image image)) {
            throw new RefusedException(
                    RefusalReason.UNSUPPORTED_MEDIA_TYPE,
                    "The manifest has the media type \"" + mediaType + "\", expected that of a single image.");
        }
        if (!image.config().digest().matches(config)) {
            throw new RefusedException(
                    RefusalReason.DIGEST_MISMATCH,
                    "The config has the digest " + Digest.sha256(config) + ", the manifest names "
                            + image.config().digest() + ".");
        }
        StrictJson.requireUtf8(config, "image config");
        Blob root = blob(Digest.sha256(manifest), mediaType, manifest);
        Blob configBlob = blob(image.config().digest(), image.config().mediaType(), config);
        return new ImageRecord(
                repository, tag, 0, observedAt, root.digest(), root, List.of(), List.of(configBlob), List.of(), null);
    }

    private static Blob blob(Digest digest, String mediaType, byte[] bytes) {
        return new Blob(digest, mediaType, new String(bytes, StandardCharsets.UTF_8));
    }

    private static String mediaType(byte[] manifest) throws RefusedException {
        JsonNode root = StrictJson.read(manifest, "manifest", RefusalReason.MALFORMED_MANIFEST);
        if (root.path("mediaType").isTextual()) {
            return root.path("mediaType").textValue();
        }
        boolean oci = root.path("config").path("mediaType").asText("").equals(MediaTypes.OCI_CONFIG);
        return oci ? MediaTypes.OCI_MANIFEST : MediaTypes.SCHEMA2;
    }
}
