package dev.precast.testkit;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.RandomConfig.Defect;
import dev.precast.testkit.TestImage.Content;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An endless, seeded row of single images: 1 to 120 layers, histories with empty layers anywhere, and configs of every spelling
 * that JSON allows. About one in ten has a defect and says which refusal is due. The same seed gives the same row. The layers
 * are few and shared, and no tars: registries do not look into them. Not thread-safe.
 */
public final class RandomImages {
    /** How many different layers there are. */
    public static final int LAYERS = 130;

    private static final int REPOSITORIES = 12;
    private static final int MAX_LAYERS = 120;
    private static final List<Defect> DEFECTS = List.of(Defect.values());
    private static final List<Content> LAYER_POOL = layerPool();

    private final Random random;
    private final List<String> repositories = new ArrayList<>();
    private int count;

    public RandomImages(long seed) {
        random = new Random(seed);
        for (int i = 0; i < REPOSITORIES; i++) {
            repositories.add(repository(i));
        }
    }

    /** Every layer that an image may have. */
    public static List<Content> layers() {
        return LAYER_POOL;
    }

    /** The names that images are drawn under, all different. */
    public List<String> repositories() {
        return List.copyOf(repositories);
    }

    /** The next image, schema 2 or, one in five, OCI. Its blobs hold only the config: the layers are {@link #layers}. */
    public TestImage next() {
        count++;
        boolean oci = random.nextInt(5) == 0;
        int layers = random.nextInt(3) == 0 ? 1 + random.nextInt(MAX_LAYERS) : 1 + random.nextInt(8);
        Defect defect = random.nextInt(10) == 0 ? DEFECTS.get(random.nextInt(DEFECTS.size())) : null;
        String config = new RandomConfig(random, layers, defect).text();
        Content configBlob = new Content(oci ? MediaTypes.OCI_CONFIG : MediaTypes.SCHEMA2_CONFIG, config);
        return new TestImage(
                repositories.get(random.nextInt(repositories.size())),
                tag(),
                "random image " + count + (defect == null ? "" : " with the defect " + defect),
                List.of(configBlob),
                List.of(manifest(configBlob, layers, oci)),
                defect == null ? null : defect.reason);
    }

    private Content manifest(Content config, int layers, boolean oci) {
        String type = oci ? MediaTypes.OCI_MANIFEST : MediaTypes.SCHEMA2;
        StringBuilder text = new StringBuilder("{\n   \"schemaVersion\": 2,\n   \"mediaType\": \"");
        text.append(type).append("\",\n   \"config\": ").append(descriptor(config.mediaType(), config));
        text.append(",\n   \"layers\": [");
        for (int i = 0; i < layers; i++) {
            Content layer = LAYER_POOL.get(random.nextInt(LAYERS));
            String plain = oci && random.nextInt(10) == 0 ? MediaTypes.OCI_LAYER : MediaTypes.OCI_LAYER_GZIP;
            text.append(i == 0 ? "\n      " : ",\n      ");
            text.append(descriptor(oci ? plain : MediaTypes.SCHEMA2_LAYER, layer));
        }
        return new Content(type, text.append("\n   ]\n}").toString());
    }

    private static String descriptor(String mediaType, Content content) {
        return "{\"mediaType\": \"" + mediaType + "\", \"size\": " + content.bytes().length + ", \"digest\": \""
                + content.digest() + "\"}";
    }

    private String repository(int number) {
        String separator = List.of(".", "_", "__", "-", "--", "/").get(random.nextInt(6));
        String name = "r" + number + separator + Integer.toString(random.nextInt(1_000_000), 36);
        return random.nextBoolean() ? name : "library/" + name;
    }

    private String tag() {
        String alphabet = "ABCXYZabcxyz0189_.-";
        StringBuilder tag = new StringBuilder("t").append(count);
        int length = random.nextInt(5) == 0 ? random.nextInt(100) : random.nextInt(8);
        for (int i = 0; i < length; i++) {
            tag.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return tag.toString();
    }

    private static List<Content> layerPool() {
        List<Content> layers = new ArrayList<>();
        for (int i = 0; i < LAYERS - 1; i++) {
            layers.add(new Content(MediaTypes.SCHEMA2_LAYER, ("layer " + i + "\n").getBytes(StandardCharsets.UTF_8)));
        }
        layers.add(new Content(MediaTypes.SCHEMA2_LAYER, EmptyLayer.bytes()));
        return List.copyOf(layers);
    }

    /** The empty layer as a real layer, which some images have. */
    static final class EmptyLayer {
        private EmptyLayer() {}

        static byte[] bytes() {
            byte[] bytes = java.util.Base64.getDecoder().decode("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=");
            if (!Digest.EMPTY_LAYER.matches(bytes)) {
                throw new IllegalStateException("Not the empty layer");
            }
            return bytes;
        }
    }
}
