package dev.precast.bench.image;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.RandomImages;
import dev.precast.testkit.TestImage.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** A schema 2 image of chosen size, always the same for the same size. Immutable. */
public final class SizedImage {
    private static final String RUN_COMMAND =
            "/bin/sh -c set -eux; apt-get update; apt-get install -y --no-install-recommends"
                    + " ca-certificates curl gnupg; rm -rf /var/lib/apt/lists/*; ldconfig # ";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What most images are: five layers, short history. */
    public static final SizedImage FIVE = of(5, 0);
    /** A large image: forty layers, half as many history entries without one, and commands of a real build's length. */
    public static final SizedImage FORTY = realistic(40);

    private final Content config;
    private final Content manifest;
    private final int layers;

    private SizedImage(int layers, ObjectNode config) {
        this(new Content(MediaTypes.SCHEMA2_CONFIG, bytes(config)), layers);
    }

    private SizedImage(Content config, int layers) {
        this(config, manifest(layers, config), layers);
    }

    private SizedImage(Content config, ObjectNode manifest, int layers) {
        this.config = config;
        this.manifest = new Content(MediaTypes.SCHEMA2, bytes(manifest));
        this.layers = layers;
    }

    /** @param padding bytes by which the config is larger than it would be, in an environment variable */
    public static SizedImage of(int layers, int padding) {
        return new SizedImage(layers, config(layers, 0, "/bin/sh -c #(nop) ADD file:", "x".repeat(padding)));
    }

    /** One that shares no layer and no command with those of other numbers. Its layers exist nowhere: it cannot be pushed. */
    public static SizedImage distinct(int layers, int number) {
        ObjectNode config = config(layers, 0, "/bin/sh -c #(nop) ADD file:", digest("padding", number));
        ArrayNode history = (ArrayNode) config.get("history");
        ArrayNode diffIds = ((ObjectNode) config.get("rootfs")).putArray("diff_ids");
        for (int i = 0; i < layers; i++) {
            diffIds.add(digest("diff" + i, number));
            ((ObjectNode) history.get(i)).put("created_by", RUN_COMMAND + digest("step" + i, number));
        }
        Content content = new Content(MediaTypes.SCHEMA2_CONFIG, bytes(config));
        ObjectNode manifest = manifest(0, content);
        ArrayNode list = (ArrayNode) manifest.get("layers");
        for (int i = 0; i < layers; i++) {
            list.add(node().put("mediaType", MediaTypes.SCHEMA2_LAYER)
                    .put("size", 1_000_000 + number)
                    .put("digest", digest("layer" + i, number)));
        }
        return new SizedImage(content, manifest, layers);
    }

    private static String digest(String what, int number) {
        return Digest.sha256((what + number).getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static SizedImage realistic(int layers) {
        return new SizedImage(layers, config(layers, layers / 2, RUN_COMMAND, ""));
    }

    public Content manifest() {
        return manifest;
    }

    public int configBytes() {
        return config.bytes().length;
    }

    /** Pushes layers, config and manifest. */
    public void pushTo(DockerRegistry registry, String repository, String tag)
            throws IOException, InterruptedException {
        for (Content layer : RandomImages.layers().subList(0, layers)) {
            registry.pushBlob(repository, layer.bytes());
        }
        registry.pushBlob(repository, config.bytes());
        registry.pushManifest(repository, tag, manifest.mediaType(), manifest.bytes());
    }

    /** The record that ingest would write. */
    public ImageRecord record(String repository, String tag, long version) {
        return new ImageRecord(
                repository,
                tag,
                version,
                Instant.EPOCH.plusNanos(version * 1000),
                manifest.digest(),
                manifest.blob(),
                List.of(),
                List.of(config.blob()),
                List.of(),
                null);
    }

    private static ObjectNode manifest(int layers, Content config) {
        ObjectNode manifest = node().put("schemaVersion", 2).put("mediaType", MediaTypes.SCHEMA2);
        manifest.set("config", descriptor(MediaTypes.SCHEMA2_CONFIG, config));
        ArrayNode list = manifest.putArray("layers");
        RandomImages.layers()
                .subList(0, layers)
                .forEach(layer -> list.add(descriptor(MediaTypes.SCHEMA2_LAYER, layer)));
        return manifest;
    }

    private static ObjectNode config(int layers, int emptyLayers, String command, String padding) {
        ObjectNode config = node().put("architecture", "amd64")
                .put("os", "linux")
                .put("created", "2016-10-14T08:15:30.123456789Z")
                .put("docker_version", "1.12.2");
        ObjectNode run = config.putObject("config");
        run.putArray("Env")
                .add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
                .add("PADDING=" + padding);
        run.putArray("Cmd").add("/usr/bin/app");
        ArrayNode diffIds = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
        ArrayNode history = config.putArray("history");
        for (int i = 0; i < layers; i++) {
            String layer = Digest.sha256(("diff " + i).getBytes(StandardCharsets.UTF_8))
                    .toString();
            diffIds.add(layer);
            history.add(node().put("created", "2016-10-14T08:15:0" + i % 10 + ".5Z")
                    .put("created_by", command + layer.substring(7, 23)));
            if (i < emptyLayers) {
                history.add(node().put("created", "2016-10-14T08:15:0" + i % 10 + ".7Z")
                        .put("created_by", "/bin/sh -c #(nop)  ENV STEP=" + i)
                        .put("empty_layer", true));
            }
        }
        return config;
    }

    private static ObjectNode descriptor(String mediaType, Content content) {
        return node().put("mediaType", mediaType)
                .put("size", content.bytes().length)
                .put("digest", content.digest().toString());
    }

    private static ObjectNode node() {
        return JsonNodeFactory.instance.objectNode();
    }

    private static byte[] bytes(ObjectNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
