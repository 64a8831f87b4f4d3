package dev.precast.launcher.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
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
import java.util.ArrayList;
import java.util.List;

/** Manifest and config in files, as the image record that ingest would make of them. */
final class ImageFiles {
    private static final String STANDARD_INPUT = "-";

    private ImageFiles() {}

    /**
     * @param childFiles manifests that a list or index names; others are refused
     * @param configFiles config blobs that the manifest or a child names; others are refused
     */
    static ImageRecord read(Reference reference, String manifestFile, List<String> childFiles, List<String> configFiles)
            throws IOException, CommandException {
        try {
            byte[] bytes = bytes(manifestFile);
            StrictJson.requireUtf8(bytes, "manifest");
            Blob root = blob(Digest.sha256(bytes), mediaType(bytes), bytes);
            Manifest parsed = ManifestParser.parse(root.mediaType(), bytes);
            List<Descriptor> named = parsed instanceof Manifest.Index index ? index.manifests() : List.of();
            List<Blob> children = new ArrayList<>();
            for (String file : childFiles) {
                children.add(named(named, file, "manifest", manifestFile));
            }
            List<Descriptor> configsNamed = configsNamed(parsed, children);
            List<Blob> configs = new ArrayList<>();
            for (String file : configFiles) {
                configs.add(named(configsNamed, file, "config", manifestFile));
            }
            return new ImageRecord(
                    reference.repository(),
                    reference.tag(),
                    0,
                    Instant.EPOCH,
                    root.digest(),
                    root,
                    children,
                    configs,
                    List.of(),
                    null);
        } catch (RefusedException e) {
            throw ConvertCommand.refused(e.refusal());
        }
    }

    private static List<Descriptor> configsNamed(Manifest root, List<Blob> children) throws RefusedException {
        List<Descriptor> named = new ArrayList<>();
        if (root instanceof Manifest.Image image) {
            named.add(image.config());
        }
        for (Blob child : children) {
            if (ManifestParser.parse(child.mediaType(), child.bytes()) instanceof Manifest.Image image) {
                named.add(image.config());
            }
        }
        return named;
    }

    /** The content of {@code file}, with the digest and media type by which one of {@code descriptors} names it. */
    private static Blob named(List<Descriptor> descriptors, String file, String what, String by)
            throws IOException, RefusedException, CommandException {
        byte[] bytes = bytes(file);
        StrictJson.requireUtf8(bytes, what);
        for (Descriptor descriptor : descriptors) {
            if (descriptor.digest().matches(bytes)) {
                return blob(descriptor.digest(), descriptor.mediaType(), bytes);
            }
        }
        String names = descriptors.isEmpty()
                ? "no " + what
                : "the " + what + " "
                        + String.join(
                                " or ",
                                descriptors.stream()
                                        .limit(3)
                                        .map(d -> d.digest().toString())
                                        .toList());
        throw new CommandException("Cannot convert " + by + ": it names " + names + ", found " + Digest.sha256(bytes)
                + " in " + file + ". Give the " + what + " blob's own bytes, not reformatted.");
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
