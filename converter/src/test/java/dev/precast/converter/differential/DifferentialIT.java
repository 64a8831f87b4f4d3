package dev.precast.converter.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.converter.differential.Comparison.Verdict;
import dev.precast.schemas.image.Digest;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.RandomImages;
import dev.precast.testkit.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Byte for byte what a real Distribution 2.8 serves. Properties: {@code differential.images} (how many random ones),
 * {@code differential.seed}, {@code differential.report} (a file for the Markdown page), {@code differential.golden} (a folder
 * for what Distribution makes of the corpus; the unit tests compare with those).
 */
class DifferentialIT {
    private static final int IMAGES = Integer.getInteger("differential.images", 150);
    private static final long SEED = Long.getLong("differential.seed", 20161014L);
    private static final int MAX_GOLDEN = 12_000;
    private static final String LAYERS = "layers";
    private static final Pattern LAYER = Pattern.compile("sha256:[0-9a-f]{64}");

    private final Set<String> mounted = new HashSet<>();

    @Test
    void payloads_everyImage_areWhatDistributionMakes() throws IOException, InterruptedException {
        assumeTrue(DockerRegistry.available(), DockerRegistry.HOW_TO_GET);
        try (DockerRegistry registry = DockerRegistry.start()) {
            DifferentialReport report = new DifferentialReport(
                    DockerRegistry.version(), SEED, compareRandom(registry), compareCorpus(registry));
            System.out.println(report.summary());
            String file = System.getProperty("differential.report", "");
            if (!file.isEmpty()) {
                Files.writeString(Path.of(file), report.markdown());
            }
            assertThat(different(report.random()))
                    .as("random images, seed %d", SEED)
                    .isEmpty();
            assertThat(different(report.corpus())).as("corpus").isEmpty();
        }
    }

    private List<Comparison> compareRandom(DockerRegistry registry) throws IOException, InterruptedException {
        for (TestImage.Content layer : RandomImages.layers()) {
            registry.pushBlob(LAYERS, layer.bytes());
        }
        RandomImages images = new RandomImages(SEED);
        List<Comparison> comparisons = new ArrayList<>(IMAGES);
        for (int i = 0; i < IMAGES; i++) {
            TestImage image = images.next();
            mountLayers(registry, image);
            comparisons.add(Comparison.of(image, registry));
        }
        return comparisons;
    }

    private static List<Comparison> compareCorpus(DockerRegistry registry) throws IOException, InterruptedException {
        List<Comparison> comparisons = new ArrayList<>();
        for (TestImage image : ImageCorpus.images()) {
            Comparison comparison = Comparison.of(image, registry);
            comparisons.add(comparison);
            if (comparison.verdict() == Verdict.IDENTICAL || comparison.verdict() == Verdict.IDENTICAL_FROM_SCHEMA2) {
                writeGolden(image, Distribution.ask(registry, image.repository(), image.tag()));
            }
        }
        return comparisons;
    }

    private static void writeGolden(TestImage image, Distribution.Answer answer) throws IOException {
        String folder = System.getProperty("differential.golden", "");
        if (!folder.isEmpty() && answer.payload() != null && answer.payload().bytes().length < MAX_GOLDEN) {
            String name = image.repository().substring("corpus/".length()) + ".json";
            Files.write(Path.of(folder).resolve(name), answer.payload().bytes());
        }
    }

    private void mountLayers(DockerRegistry registry, TestImage image) throws IOException, InterruptedException {
        Matcher digests = LAYER.matcher(image.root().blob().content());
        String config = image.blobs().get(0).digest().toString();
        while (digests.find()) {
            String digest = digests.group();
            if (!digest.equals(config) && mounted.add(image.repository() + "@" + digest)) {
                registry.mountBlob(image.repository(), Digest.parse(digest), LAYERS);
            }
        }
    }

    private static List<String> different(List<Comparison> comparisons) {
        return comparisons.stream()
                .filter(comparison -> comparison.verdict() == Verdict.DIFFERENT)
                .map(comparison -> comparison.image() + " (" + comparison.what() + "): Distribution "
                        + comparison.distribution() + ", Precast " + comparison.precast())
                .toList();
    }
}
