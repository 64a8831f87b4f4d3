package dev.precast.converter.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.precast.converter.Conversion;
import dev.precast.converter.Conversion.Schema1;
import dev.precast.converter.ImageConverter;
import dev.precast.converter.fuzz.GoReading.UnreadableException;
import dev.precast.converter.schema1.Schema1Builder;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.ManifestParser;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.RandomImages;
import dev.precast.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Mutated manifests and configs through the whole conversion. Properties: {@code fuzz.seconds}, {@code fuzz.seed}. Everything
 * a run does follows from the seed, which a failure names together with the bytes.
 */
class FuzzIT {
    private static final int SECONDS = Integer.getInteger("fuzz.seconds", 60);
    private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime());
    private static final Descriptor CONFIG =
            new Descriptor(MediaTypes.SCHEMA2_CONFIG, Digest.EMPTY_LAYER, 1, null, List.of(), Map.of());
    private static final int MAX_BYTES = 20_000;

    private final Map<String, Long> outcomes = new TreeMap<>();

    @Test
    void conversion_mutatedInput_refusesOrMeansTheSame() {
        // No single input takes seconds: what is still running a minute later hangs.
        assertTimeoutPreemptively(Duration.ofSeconds(SECONDS + 60L), this::run, "Hangs, seed " + SEED);
        assertThat(outcomes).containsKey("converted");
    }

    private void run() {
        List<TestImage> images = new ArrayList<>(ImageCorpus.images().stream()
                .filter(image -> image.blobs().stream().allMatch(blob -> blob.bytes().length < MAX_BYTES))
                .toList());
        RandomImages random = new RandomImages(SEED);
        for (int i = 0; i < 200; i++) {
            images.add(random.next());
        }
        Random choice = new Random(SEED);
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        long runs = 0;
        while (System.nanoTime() < end) {
            runs++;
            ImageRecord mutated =
                    mutate(images.get(choice.nextInt(images.size())).record(), choice);
            try {
                String outcome = outcome(mutated);
                outcomes.merge(outcome, 1L, Long::sum);
            } catch (Exception | StackOverflowError | AssertionError e) {
                throw new AssertionError("Run " + runs + " of seed " + SEED + ": " + describe(mutated), e);
            }
        }
        System.out.println("Fuzzed " + runs + " images, seed " + SEED + ": " + outcomes);
    }

    /** The same record with a manifest or config changed and every digest made right again. */
    private static ImageRecord mutate(ImageRecord image, Random random) {
        boolean manifest = image.configs().isEmpty() || random.nextInt(3) == 0;
        List<Blob> all = manifest ? new ArrayList<>(image.children()) : image.configs();
        if (manifest && image.root() != null) {
            all.add(image.root());
        }
        Blob victim = all.get(random.nextInt(all.size()));
        byte[] bytes = Mutation.of(victim.bytes(), random);
        readAsBytes(victim.mediaType(), bytes);
        Blob changed = new Blob(
                Digest.sha256(new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8)),
                victim.mediaType(),
                new String(bytes, StandardCharsets.UTF_8));
        return replaced(image, victim, changed);
    }

    /** A record holds only UTF-8; the parsers must stand any bytes. */
    private static void readAsBytes(String mediaType, byte[] bytes) {
        try {
            ManifestParser.parse(mediaType, bytes);
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
        }
        try {
            Schema1Builder.payload("a", "b", new Manifest.Image(MediaTypes.SCHEMA2, CONFIG, List.of()), bytes);
        } catch (RefusedException e) {
            assertThat(e.refusal().message()).isNotBlank();
        }
    }

    private static ImageRecord replaced(ImageRecord image, Blob victim, Blob changed) {
        List<Blob> configs = image.configs().stream()
                .map(blob -> blob.equals(victim) ? changed : blob)
                .toList();
        Blob root = image.root();
        List<Blob> children = new ArrayList<>();
        for (Blob child : image.children()) {
            Blob next = child.equals(victim) ? changed : renamed(child, victim.digest(), changed.digest());
            root = root == null ? null : renamed(root, child.digest(), next.digest());
            children.add(next);
        }
        root = root == null ? null : root.equals(victim) ? changed : renamed(root, victim.digest(), changed.digest());
        return new ImageRecord(
                image.repository(),
                image.tag(),
                image.version(),
                image.observedAt(),
                root == null ? image.rootDigest() : root.digest(),
                root,
                children,
                configs,
                image.heldLayers(),
                null);
    }

    private static Blob renamed(Blob blob, Digest from, Digest to) {
        String content = blob.content().replace(from.toString(), to.toString());
        return new Blob(Digest.sha256(content.getBytes(StandardCharsets.UTF_8)), blob.mediaType(), content);
    }

    private static String outcome(ImageRecord image) throws Exception {
        Conversion conversion = ImageConverter.convert(image, RepositorySettings.OFF);
        for (VariantManifest made : conversion.manifests()) {
            assertThat(Digest.sha256(made.bytes())).isEqualTo(made.digest());
            assertThat(ManifestParser.parse(made.mediaType(), made.bytes())).isNotNull();
            if (made.from() != null && made.mediaType().equals(MediaTypes.SCHEMA2)) {
                Judge.requireSameBlobs(stored(image, made.from()).content(), made.content());
            }
        }
        if (conversion.schema1() instanceof Schema1.Refused refused) {
            return refused.refusal().reason().name();
        }
        if (conversion.schema1() instanceof Schema1.Stored) {
            return "stored";
        }
        Schema1.Payload payload = (Schema1.Payload) conversion.schema1();
        Blob manifest = stored(image, payload.from());
        Manifest.Image parsed = (Manifest.Image) ManifestParser.parse(manifest.mediaType(), manifest.bytes());
        Blob config = image.config(parsed.config().digest()).orElseThrow();
        try {
            Judge.requireSameImage(
                    manifest.content(), config.content(), new String(payload.payload(), StandardCharsets.UTF_8));
            return "converted";
        } catch (UnreadableException e) {
            assertThat(config.content())
                    .as("only what nests deep is not judged")
                    .contains("[".repeat(70));
            return "converted, too deep to judge";
        }
    }

    private static Blob stored(ImageRecord image, Digest digest) {
        Blob root = image.root();
        return root != null && root.digest().equals(digest)
                ? root
                : image.child(digest).orElseThrow();
    }

    private static String describe(ImageRecord image) {
        StringBuilder text = new StringBuilder();
        image.configs().forEach(config -> text.append(" config ").append(base64(config)));
        image.children().forEach(child -> text.append(" child ").append(base64(child)));
        return image.root() == null
                ? ""
                : text.append(" root ").append(base64(image.root())).toString();
    }

    private static String base64(Blob blob) {
        return Base64.getEncoder().encodeToString(blob.bytes());
    }
}
