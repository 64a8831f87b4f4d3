package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.TestImage;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ImageFilesTest {
    private final TestImage image = ImageCorpus.image("layers-5");
    private final byte[] config = image.blobs().get(0).bytes();

    @Test
    void record_manifestAndConfig_convertAsFromARegistry() throws RefusedException {
        ImageRecord files =
                ImageFiles.record(image.repository(), image.tag(), image.root().bytes(), config, TestImage.OBSERVED_AT);

        assertThat(ImageConverter.convert(files, RepositorySettings.OFF))
                .isEqualTo(ImageConverter.convert(image.record(), RepositorySettings.OFF));
    }

    @Test
    void record_ociManifestWithoutMediaType_isTakenForOci() throws RefusedException {
        TestImage oci = ImageCorpus.image("oci");
        String manifest = new String(oci.root().bytes(), StandardCharsets.UTF_8)
                .replace("\"mediaType\": \"" + MediaTypes.OCI_MANIFEST + "\",", "");
        ImageRecord files = ImageFiles.record(
                "a",
                "b",
                manifest.getBytes(StandardCharsets.UTF_8),
                oci.blobs().get(0).bytes(),
                TestImage.OBSERVED_AT);

        assertThat(ImageConverter.convert(files, RepositorySettings.OFF).rootMediaType())
                .isEqualTo(MediaTypes.OCI_MANIFEST);
    }

    @Test
    void record_otherConfig_isRefused() {
        byte[] other = "{}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> ImageFiles.record("a", "b", image.root().bytes(), other, TestImage.OBSERVED_AT))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("DIGEST_MISMATCH");
    }

    @Test
    void record_list_isRefused() {
        byte[] list = ImageCorpus.image("list").root().bytes();

        assertThatThrownBy(() -> ImageFiles.record("a", "b", list, config, TestImage.OBSERVED_AT))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("UNSUPPORTED_MEDIA_TYPE");
    }
}
