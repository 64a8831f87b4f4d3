package dev.precast.converter.docker2;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.converter.Conversion;
import dev.precast.converter.ImageConverter;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.OciLayout;
import dev.precast.testkit.TestImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema 2 forms beside what {@code skopeo copy --format v2s2} makes of the same OCI image. */
class SkopeoIT {
    @TempDir
    private Path directory = Path.of("");

    @BeforeAll
    static void requireSkopeo() {
        assumeTrue(DockerRegistry.onPath("skopeo"), "skopeo is not installed: apt-get install skopeo");
    }

    @ParameterizedTest
    @ValueSource(strings = {"oci", "oci-plain-layers"})
    void manifest_ociImage_isWhatSkopeoMakes(String item) throws IOException, InterruptedException {
        TestImage image = ImageCorpus.image(item);

        Path copied = skopeo(image);

        assertThat(offered(image, MediaTypes.SCHEMA2)).isEqualTo(Files.readString(copied.resolve("manifest.json")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"index", "index-schema2-children"})
    void list_ociIndex_isWhatSkopeoMakes(String item) throws IOException, InterruptedException {
        TestImage image = ImageCorpus.image(item);

        Path copied = skopeo(image, "--all");

        assertThat(offered(image, MediaTypes.MANIFEST_LIST))
                .isEqualTo(Files.readString(copied.resolve("manifest.json")));
    }

    private static String offered(TestImage image, String mediaType) {
        Conversion conversion = ImageConverter.convert(image.record(), RepositorySettings.OFF);
        return conversion.manifests().stream()
                .filter(manifest -> manifest.digest()
                        .equals(requireNonNull(conversion.offers().get(mediaType))
                                .digest()))
                .map(VariantManifest::content)
                .findFirst()
                .orElseThrow();
    }

    private Path skopeo(TestImage image, String... options) throws IOException, InterruptedException {
        Path layout = Files.createDirectory(directory.resolve("layout"));
        Path copied = directory.resolve("copied");
        OciLayout.write(image, layout);
        List<String> command =
                new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "-q", "--format", "v2s2"));
        command.addAll(List.of(options));
        command.add("oci:" + layout + ":" + image.tag());
        command.add("dir:" + copied);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return copied;
    }
}
