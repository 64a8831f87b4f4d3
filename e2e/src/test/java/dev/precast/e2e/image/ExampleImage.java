package dev.precast.e2e.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A small image with what trips converters up: history entries without a layer at the start, in the middle and on top, a
 * comment, an author, strings with {@code < > &} and letters beyond ASCII, a file that a later layer removes.
 */
public final class ExampleImage {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final String greeting;
    private final String architecture;
    private final List<LayerTar> layers;

    private ExampleImage(String greeting, String architecture) {
        this.greeting = greeting;
        this.architecture = architecture;
        this.layers = List.of(
                LayerTar.of(Map.of("data/greeting.txt", greeting + "\n")),
                LayerTar.of(Map.of("data/removed-later.txt", "only in the layer below\n")),
                LayerTar.of(Map.of("data/.wh.removed-later.txt", "")));
    }

    /** A linux/amd64 image; another greeting is another image, of other layers and another config. */
    public static ExampleImage saying(String greeting) {
        return new ExampleImage(greeting, "amd64");
    }

    /** The same image for another architecture. */
    public ExampleImage on(String architecture) {
        return new ExampleImage(greeting, architecture);
    }

    /** Digests of the uncompressed layers, base first. */
    public List<Digest> diffIds() {
        return layers.stream().map(LayerTar::diffId).toList();
    }

    /** Writes an OCI image layout whose one image is tagged {@code latest}; gives its folder. */
    public Path writeLayout(Path folder) {
        OciLayout layout = new OciLayout(folder);
        layout.writeIndex(layout.tagged(writeManifest(layout), "latest"));
        return folder;
    }

    /** Writes a layout whose tag {@code latest} is an index of {@code images}, in that order, with an attestation ahead of them. */
    public static Path writeIndexLayout(Path folder, List<ExampleImage> images) {
        OciLayout layout = new OciLayout(folder);
        ArrayNode children = NODES.arrayNode();
        children.add(layout.attestation());
        for (ExampleImage image : images) {
            ObjectNode child = image.writeManifest(layout);
            child.putObject("platform").put("architecture", image.architecture).put("os", "linux");
            children.add(child);
        }
        ObjectNode index = NODES.objectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
        index.set("manifests", children);
        layout.writeIndex(layout.tagged(layout.write(bytes(index), MediaTypes.OCI_INDEX), "latest"));
        return folder;
    }

    private ObjectNode writeManifest(OciLayout layout) {
        ObjectNode manifest = NODES.objectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
        manifest.set("config", layout.write(bytes(config()), MediaTypes.OCI_CONFIG));
        ArrayNode descriptors = manifest.putArray("layers");
        for (LayerTar layer : layers) {
            descriptors.add(layout.write(layer.gzipped(), MediaTypes.OCI_LAYER_GZIP));
        }
        return layout.write(bytes(manifest), MediaTypes.OCI_MANIFEST);
    }

    private ObjectNode config() {
        ObjectNode config = NODES.objectNode()
                .put("architecture", architecture)
                .put("os", "linux")
                .put("created", "2023-05-04T17:37:03.872958712Z")
                .put("author", "Zoë <zoe@example.org>")
                .put("docker_version", "20.10.23");
        ObjectNode run = config.putObject("config");
        run.putArray("Env").add("PATH=/usr/bin:/bin").add("GREETING=a<b&c>d \u2028 " + greeting);
        run.putArray("Cmd").add("/hello").add("größer");
        run.putNull("Volumes");
        config.putObject("rootfs")
                .put("type", "layers")
                .set(
                        "diff_ids",
                        NODES.arrayNode()
                                .addAll(diffIds().stream()
                                        .map(digest -> NODES.textNode(digest.toString()))
                                        .toList()));
        ArrayNode history = config.putArray("history");
        history.add(entry("2023-05-04T17:37:00.1Z", "/bin/sh -c #(nop)  ENV GREETING=a<b&c>d")
                .put("empty_layer", true));
        history.add(entry("2023-05-04T17:37:01.2Z", "/bin/sh -c #(nop) ADD file:greeting in /"));
        history.add(entry("2023-05-04T17:37:02.3+02:00", "/bin/sh -c echo > /data/removed-later.txt && true")
                .put("author", "Zoë <zoe@example.org>"));
        history.add(entry("2023-05-04T17:37:02.400Z", "/bin/sh -c #(nop) WORKDIR /data")
                .put("comment", "a <comment> & more")
                .put("empty_layer", true));
        history.add(entry("2023-05-04T17:37:02.5Z", "/bin/sh -c rm /data/removed-later.txt"));
        history.add(entry("2023-05-04T17:37:03.872958712Z", "/bin/sh -c #(nop)  CMD [\"/hello\"]")
                .put("empty_layer", true));
        return config;
    }

    private static ObjectNode entry(String created, String createdBy) {
        return NODES.objectNode().put("created", created).put("created_by", createdBy);
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The files of a layout. Descriptors are returned as JSON, ready to be put into what refers to them. */
    private record OciLayout(Path folder) {
        ObjectNode write(byte[] content, String mediaType) {
            Digest digest = Digest.sha256(content);
            put("blobs/sha256/" + digest.hex(), content);
            return NODES.objectNode()
                    .put("mediaType", mediaType)
                    .put("digest", digest.toString())
                    .put("size", content.length);
        }

        ObjectNode tagged(ObjectNode descriptor, String tag) {
            descriptor.putObject("annotations").put("org.opencontainers.image.ref.name", tag);
            return descriptor;
        }

        /** As BuildKit adds them to an index: platform unknown/unknown, and no image. */
        ObjectNode attestation() {
            ObjectNode manifest = NODES.objectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_MANIFEST);
            byte[] statement = ExampleImage.bytes(NODES.objectNode().put("_type", "https://in-toto.io/Statement/v0.1"));
            ObjectNode config =
                    NODES.objectNode().put("architecture", "unknown").put("os", "unknown");
            config.putObject("rootfs")
                    .put("type", "layers")
                    .putArray("diff_ids")
                    .add(Digest.sha256(statement).toString());
            manifest.set("config", write(ExampleImage.bytes(config), MediaTypes.OCI_CONFIG));
            manifest.putArray("layers").add(write(statement, "application/vnd.in-toto+json"));
            ObjectNode descriptor = write(ExampleImage.bytes(manifest), MediaTypes.OCI_MANIFEST);
            descriptor.putObject("platform").put("architecture", "unknown").put("os", "unknown");
            descriptor.putObject("annotations").put("vnd.docker.reference.type", "attestation-manifest");
            return descriptor;
        }

        void writeIndex(ObjectNode descriptor) {
            ObjectNode index = NODES.objectNode().put("schemaVersion", 2);
            index.putArray("manifests").add(descriptor);
            put("index.json", ExampleImage.bytes(index));
            put("oci-layout", ExampleImage.bytes(NODES.objectNode().put("imageLayoutVersion", "1.0.0")));
        }

        private void put(String path, byte[] content) {
            try {
                Path file = folder.resolve(path);
                Files.createDirectories(file.getParent());
                Files.write(file, content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
