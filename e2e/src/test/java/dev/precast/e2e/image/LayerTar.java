package dev.precast.e2e.image;

import dev.precast.schemas.image.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A layer of small files. */
final class LayerTar {
    private final Digest diffId;
    private final byte[] gzipped;

    private LayerTar(Digest diffId, byte[] gzipped) {
        this.diffId = diffId;
        this.gzipped = gzipped;
    }

    /** Digest of the tar. */
    Digest diffId() {
        return diffId;
    }

    /** The tar, compressed; not to be changed. */
    byte[] gzipped() {
        return gzipped;
    }

    /** @param textByPath a path whose last part starts with {@code .wh.} removes that file of the layers below */
    static LayerTar of(Map<String, String> textByPath) {
        byte[] tar = tar(textByPath);
        ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(gzipped)) {
            gzip.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new LayerTar(Digest.sha256(tar), gzipped.toByteArray());
    }

    private static byte[] tar(Map<String, String> textByPath) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, String> file : textByPath.entrySet()) {
                byte[] text = file.getValue().getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(text.length);
                entry.setModTime(1_400_000_000_000L);
                tar.putArchiveEntry(entry);
                tar.write(text);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
