package dev.precast.testkit;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.TestImage.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Puts together the blobs and manifests of one tag, children before lists. Layers are named; their bytes follow from the name.
 * Not thread-safe.
 */
public final class TestImageBuilder {
    private final String repository;
    private final String what;
    private final Map<String, Content> blobs = new LinkedHashMap<>();
    private final List<Content> manifests = new ArrayList<>();
    private @Nullable RefusalReason expected;

    public TestImageBuilder(String repository, String what) {
        this.repository = repository;
        this.what = what;
    }

    /** What stands in the entry of a list. */
    public record Child(Content manifest, String platform, String annotations) {}

    /** A schema 2 image with this config, and one gzip layer for each name. */
    public Content schema2(String config, String... layers) {
        return image(MediaTypes.SCHEMA2, MediaTypes.SCHEMA2_CONFIG, utf8(config), MediaTypes.SCHEMA2_LAYER, layers);
    }

    /** An OCI image with this config, and one gzip layer for each name. */
    public Content oci(String config, String... layers) {
        return image(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, utf8(config), MediaTypes.OCI_LAYER_GZIP, layers);
    }

    /** An image whose types and config bytes are given. */
    public Content image(String type, String configType, byte[] config, String layerType, String... layers) {
        Content configBlob = add(new Content(configType, config));
        List<String> descriptors = new ArrayList<>();
        for (String name : layers) {
            descriptors.add(descriptor(layerType, add(layer(name)), ""));
        }
        return manifest(type, imageManifest(type, descriptor(configType, configBlob, ""), descriptors));
    }

    /** A schema 2 image whose first layer is foreign: not pushed, to be had elsewhere. */
    public Content foreign(String config, String... layers) {
        Content configBlob = add(new Content(MediaTypes.SCHEMA2_CONFIG, config));
        List<String> descriptors = new ArrayList<>();
        for (String name : layers) {
            boolean first = descriptors.isEmpty();
            Content layer = first ? layer(name) : add(layer(name));
            descriptors.add(
                    first
                            ? descriptor(
                                    MediaTypes.SCHEMA2_LAYER_FOREIGN,
                                    layer,
                                    ",\"urls\":[\"https://example.invalid/" + layer.digest() + "\"]")
                            : descriptor(MediaTypes.SCHEMA2_LAYER, layer, ""));
        }
        return manifest(
                MediaTypes.SCHEMA2,
                imageManifest(MediaTypes.SCHEMA2, descriptor(MediaTypes.SCHEMA2_CONFIG, configBlob, ""), descriptors));
    }

    /** A list or index of {@code children}. */
    public Content list(String type, Child... children) {
        String entries = List.of(children).stream()
                .map(child -> descriptor(
                        child.manifest().mediaType(),
                        child.manifest(),
                        ",\"platform\":" + child.platform() + child.annotations()))
                .collect(Collectors.joining(",\n"));
        return manifest(
                type, "{\"schemaVersion\":2,\n\"mediaType\":\"" + type + "\",\n\"manifests\":[" + entries + "]}");
    }

    /** Any manifest. */
    public Content manifest(String type, String text) {
        Content manifest = new Content(type, text);
        manifests.add(manifest);
        return manifest;
    }

    public Child child(Content manifest, String os, String architecture) {
        return new Child(manifest, "{\"architecture\":\"" + architecture + "\",\"os\":\"" + os + "\"}", "");
    }

    /** Says that there is no schema 1 form of it. */
    public TestImageBuilder refused(RefusalReason reason) {
        expected = reason;
        return this;
    }

    /** The image under the tag {@code latest}, which points to the manifest that was made last. */
    public TestImage build() {
        return new TestImage(repository, "latest", what, List.copyOf(blobs.values()), manifests, expected);
    }

    /** A config with a history of one entry for each of {@code layers}. */
    public static String config(int layers) {
        return config("amd64", history(layers), layers);
    }

    /** A config with this history (JSON) and number of diff IDs. */
    public static String config(String architecture, String history, int diffIds) {
        return "{\"architecture\":\"" + architecture
                + "\",\"config\":{\"Env\":[\"PATH=/usr/bin:/bin\"],\"Cmd\":[\"/bin/sh\"],\"OnBuild\":null},"
                + "\"created\":\"2023-04-05T03:39:33.123456888Z\",\"os\":\"linux\",\"history\":" + history
                + ",\"rootfs\":" + rootfs(diffIds) + "}";
    }

    /** A history of {@code layers} entries, none empty. */
    public static String history(int layers) {
        return IntStream.range(0, layers)
                .mapToObj(i -> "{\"created\":\"2023-04-01T00:00:%02d.12345678%dZ\",".formatted(i % 60, i % 10)
                        + "\"created_by\":\"/bin/sh -c #(nop) COPY file:%064x in /app/%d \"}".formatted(i, i))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** A rootfs with this number of diff IDs. */
    public static String rootfs(int diffIds) {
        return IntStream.range(0, diffIds)
                .mapToObj("\"sha256:%064x\""::formatted)
                .collect(Collectors.joining(",", "{\"type\":\"layers\",\"diff_ids\":[", "]}"));
    }

    private Content add(Content blob) {
        blobs.putIfAbsent(blob.digest().toString(), blob);
        return blob;
    }

    private static Content layer(String name) {
        return name.equals("empty")
                ? new Content(MediaTypes.SCHEMA2_LAYER, RandomImages.EmptyLayer.bytes())
                : new Content(MediaTypes.SCHEMA2_LAYER, "layer " + name + "\n");
    }

    private static String imageManifest(String type, String config, List<String> layers) {
        return "{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"" + type + "\",\n   \"config\": " + config
                + ",\n   \"layers\": [" + String.join(",", layers) + "]\n}";
    }

    private static String descriptor(String mediaType, Content content, String more) {
        return "{\"mediaType\":\"" + mediaType + "\",\"size\":" + content.bytes().length + ",\"digest\":\""
                + content.digest() + "\"" + more + "}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
