package dev.precast.testkit;

import dev.precast.testkit.TestImage.Content;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes a test image as an OCI image layout (image-spec v1.1 {@code image-layout.md}). */
public final class OciLayout {
    private OciLayout() {}

    /** Writes {@code image} into the existing, empty {@code directory}, under its tag as ref name. */
    public static void write(TestImage image, Path directory) throws IOException {
        Path blobs = Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
        List<Content> contents = new ArrayList<>(image.blobs());
        contents.addAll(image.manifests());
        for (Content content : contents) {
            Files.write(blobs.resolve(content.digest().hex()), content.bytes());
        }
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Content root = image.root();
        Files.writeString(directory.resolve("index.json"), """
                {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":%d,
                "annotations":{"org.opencontainers.image.ref.name":"%s"}}]}
                """.formatted(
                        root.mediaType(), root.digest(), root.bytes().length, image.tag()));
    }
}
