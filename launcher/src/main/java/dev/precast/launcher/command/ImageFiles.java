package dev.precast.launcher.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.ManifestParser;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Manifest and config in files, as the image record that ingest would make of them. */
final class ImageFiles {
    private static final String STANDARD_INPUT = "-";

    private ImageFiles() {}

    static ImageRecord read(Reference reference, String manifestFile, String configFile)
            throws IOException, CommandException {
        byte[] manifest = bytes(manifestFile);
        byte[] config = bytes(configFile);
        try {
            StrictJson.requireUtf8(manifest, "manifest");
            StrictJson.requireUtf8(config, "config");
            String mediaType = mediaType(manifest);
            Manifest parsed = ManifestParser.parse(mediaType, manifest);
            if (!(parsed instanceof Manifest.Image image)) {
                throw new CommandException("Cannot convert " + manifestFile + ": found " + mediaType
                        + ", expected the manifest of one image. Give the manifest of the platform that you want.");
            }
            if (!image.config().digest().matches(config)) {
                throw new CommandException("Cannot convert " + manifestFile + ": it names the config "
                        + image.config().digest() + ", found " + Digest.sha256(config) + " in " + configFile
                        + ". Give the config blob's own bytes, not reformatted.");
            }
            Digest digest = Digest.sha256(manifest);
            return new ImageRecord(
                    reference.repository(),
                    reference.tag(),
                    0,
                    Instant.EPOCH,
                    digest,
                    blob(digest, mediaType, manifest),
                    List.of(),
                    List.of(blob(image.config().digest(), image.config().mediaType(), config)),
                    List.of(),
                    null);
        } catch (RefusedException e) {
            throw ConvertCommand.refused(e.refusal());
        }
    }

    /** The bytes of a file, or of standard input for {@code -}. */
    static byte[] bytes(String file) throws IOException {
        if (file.equals(STANDARD_INPUT)) {
            InputStream in = System.in;
            return in.readAllBytes();
        }
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new IOException("Cannot read " + file + ": there is no such file.", e);
        } catch (IOException e) {
            throw new IOException("Cannot read " + file + ": " + e + ".", e);
        }
    }

    /** A registry would say it in a header; a file must say it itself, or be OCI, where it may be left out. */
    private static String mediaType(byte[] manifest) throws RefusedException {
        JsonNode root = StrictJson.read(manifest, "manifest", RefusalReason.MALFORMED_MANIFEST);
        String declared = root.path("mediaType").asText();
        if (!declared.isEmpty()) {
            return declared;
        }
        return root.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
    }

    private static Blob blob(Digest digest, String mediaType, byte[] content) {
        return new Blob(digest, mediaType, new String(content, StandardCharsets.UTF_8));
    }
}
