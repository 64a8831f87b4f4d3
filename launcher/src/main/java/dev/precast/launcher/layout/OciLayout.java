package dev.precast.launcher.layout;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An OCI image layout directory, read only. Its {@code index.json} is read again when it has changed. Thread-safe.
 *
 * <p>Source of the format: OCI image-spec v1.1 {@code image-layout.md}.
 */
public final class OciLayout {
    private static final long MAX_INDEX_BYTES = 16L << 20;

    private static final long MAX_MARKER_BYTES = 4096;

    private final Path directory;
    private final String repository;
    private Stamp stamp;
    private LayoutIndex index;

    /** What tells one state of index.json from the next, without reading it. */
    private record Stamp(FileTime modified, long size, Object key) {}

    private OciLayout(Path directory) throws LayoutException {
        this.directory = directory;
        Path name = directory.getFileName();
        this.repository = name == null ? "" : name.toString().toLowerCase(Locale.ROOT);
        this.stamp = stamp();
        this.index = read();
    }

    /** @throws LayoutException if it is not a layout, saying what it lacks */
    public static OciLayout open(Path directory) throws LayoutException {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isRegularFile(absolute.resolve("oci-layout"))) {
            throw new LayoutException(
                    "Cannot read the OCI image layout " + directory
                            + ": found no file oci-layout in it. Make one with `skopeo copy docker://… oci:DIR:REPOSITORY:TAG`.");
        }
        requireVersion(absolute.resolve("oci-layout"));
        return new OciLayout(absolute);
    }

    private static void requireVersion(Path file) throws LayoutException {
        try {
            if (Files.size(file) > MAX_MARKER_BYTES) {
                throw new LayoutException("Cannot read " + file + ": found " + Files.size(file)
                        + " bytes, expected at most " + MAX_MARKER_BYTES + ".");
            }
            String version = StrictJson.read(Files.readAllBytes(file), "oci-layout", RefusalReason.MALFORMED_MANIFEST)
                    .path("imageLayoutVersion")
                    .asText();
            if (!version.startsWith("1.")) {
                throw new LayoutException("Cannot read " + file + ": found imageLayoutVersion \"" + version
                        + "\", expected 1.0.0. Make the layout anew with a tool of today.");
            }
        } catch (RefusedException e) {
            throw new LayoutException("Cannot read " + file + ": " + e.refusal().message());
        } catch (LayoutException e) {
            throw e;
        } catch (IOException e) {
            throw new LayoutException("Cannot read " + file + ": " + e + ".");
        }
    }

    public Path directory() {
        return directory;
    }

    /** Every tag, in the order of index.json. */
    public List<Reference> tags() {
        return List.copyOf(index().tags().keySet());
    }

    /** As index.json says now; what it said before while it cannot be read. */
    synchronized LayoutIndex index() {
        try {
            Stamp now = stamp();
            if (!now.equals(stamp)) {
                index = read();
                stamp = now;
            }
        } catch (LayoutException e) {
            // Being written just now, or broken: the watcher says so, readers keep what there was.
            return index;
        }
        return index;
    }

    /** The file of a blob; empty when the layout has none. */
    Optional<Path> blob(Digest digest) {
        Path file = directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    /** The media type under which a manifest is named, by index.json or by itself; empty when it is no manifest. */
    Optional<String> mediaType(Digest digest) throws IOException {
        String named = index().mediaTypes().get(digest);
        if (named != null) {
            return Optional.of(named);
        }
        return manifest(digest).flatMap(OciLayout::mediaTypeIn);
    }

    /** A manifest or index, or any other JSON that is no larger; empty when the layout has no such file or it is something else. */
    Optional<JsonNode> manifest(Digest digest) throws IOException {
        Optional<Path> file = blob(digest);
        if (file.isEmpty() || Files.size(file.get()) > Limits.MAX_MANIFEST_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    StrictJson.read(Files.readAllBytes(file.get()), "manifest", RefusalReason.MALFORMED_MANIFEST));
        } catch (RefusedException e) {
            // A layer, or nothing that could be served as a manifest.
            return Optional.empty();
        }
    }

    /** Why the manifest of a tag cannot be served as the index names it, for the operator; empty when it can. */
    Optional<String> fault(Reference tag, LayoutIndex.Entry entry) {
        Path file = directory
                .resolve("blobs")
                .resolve(entry.digest().algorithm())
                .resolve(entry.digest().hex());
        String found;
        try {
            if (!Files.isRegularFile(file)) {
                found = "found no such file";
            } else if (Files.size(file) > Limits.MAX_MANIFEST_BYTES) {
                found = "found " + Files.size(file) + " bytes";
            } else if (entry.digest().matches(Files.readAllBytes(file))) {
                return Optional.empty();
            } else {
                found = "found bytes with another digest";
            }
        } catch (IOException e) {
            found = "found " + e;
        }
        return Optional.of("Cannot read " + file + ": " + found + ", expected the manifest that index.json names for "
                + tag + ". Copy the image into the layout again; it is looked at every second.");
    }

    /** Fails with a sentence when index.json cannot be read. */
    void check() throws LayoutException {
        read();
    }

    /** Empty for a config. */
    private static Optional<String> mediaTypeIn(JsonNode manifest) {
        String declared = manifest.path("mediaType").asText();
        if (MediaTypes.isImage(declared) || MediaTypes.isIndex(declared)) {
            return Optional.of(declared);
        }
        // OCI manifests may leave it out (image-spec v1.0); Docker's never do.
        if (declared.isEmpty() && manifest.path("schemaVersion").asInt() == 2) {
            return manifest.has("manifests")
                    ? Optional.of(MediaTypes.OCI_INDEX)
                    : manifest.has("config") ? Optional.of(MediaTypes.OCI_MANIFEST) : Optional.empty();
        }
        return Optional.empty();
    }

    private Path indexFile() {
        return directory.resolve("index.json");
    }

    private Stamp stamp() throws LayoutException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(indexFile(), BasicFileAttributes.class);
            Object key = attributes.fileKey();
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), key == null ? "" : key);
        } catch (IOException e) {
            throw new LayoutException("Cannot read " + indexFile() + ": " + e + ".");
        }
    }

    private LayoutIndex read() throws LayoutException {
        try {
            if (Files.size(indexFile()) > MAX_INDEX_BYTES) {
                throw new LayoutException("Cannot read " + indexFile() + ": found " + Files.size(indexFile())
                        + " bytes, expected at most " + MAX_INDEX_BYTES + ".");
            }
            return LayoutIndex.parse(Files.readAllBytes(indexFile()), repository);
        } catch (RefusedException e) {
            throw new LayoutException(
                    "Cannot read " + indexFile() + ": " + e.refusal().message());
        } catch (LayoutException e) {
            throw e;
        } catch (IOException e) {
            throw new LayoutException("Cannot read " + indexFile() + ": " + e + ".");
        }
    }
}
