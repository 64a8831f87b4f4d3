package dev.precast.converter.docker2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Schema2BuilderTest {
    private static final Digest DIGEST = Digest.parse("sha256:" + "a".repeat(64));

    @Test
    void manifest_oci_isThisText() throws RefusedException {
        Descriptor gzip = layer(MediaTypes.OCI_LAYER_GZIP);
        Descriptor foreign = new Descriptor(
                "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                DIGEST,
                3,
                null,
                List.of("https://a/?b=1&c", "https://d"),
                Map.of("dropped", "yes"));

        assertThat(manifest(Set.of(DIGEST), gzip, foreign))
                .isEqualTo(
                        ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\","
                                        + "\"config\":{\"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"size\":2,\"digest\":\"D\"},"
                                        + "\"layers\":[{\"mediaType\":\"application/vnd.docker.image.rootfs.diff.tar.gzip\",\"size\":1,\"digest\":\"D\"},"
                                        + "{\"mediaType\":\"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\",\"size\":3,\"digest\":\"D\","
                                        + "\"urls\":[\"https://a/?b=1\\u0026c\",\"https://d\"]}]}")
                                .replace("\"D\"", "\"" + DIGEST + "\""));
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.layer.v1.tar,                      application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip,                 application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip,           application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar,                application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar,     application/vnd.docker.image.rootfs.foreign.diff.tar"
    })
    void manifest_layerTypes_areRenamed(String stored, String made) throws RefusedException {
        assertThat(manifest(Set.of(DIGEST), layer(stored))).contains("{\"mediaType\":\"" + made + "\"");
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.layer.v1.tar+zstd,                       ZSTD_LAYER",
        "application/vnd.docker.image.rootfs.diff.tar.zstd,                 ZSTD_LAYER",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd,      ZSTD_LAYER",
        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted,             ENCRYPTED_LAYER",
        "application/vnd.oci.image.layer.v1.tar+zstd+encrypted,             ENCRYPTED_LAYER",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip,      FOREIGN_LAYER",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip,         FOREIGN_LAYER",
        "application/vnd.oci.image.layer.v1.squashfs,                       UNSUPPORTED_LAYER_TYPE",
        "application/vnd.oci.image.layer.v1.tar+GZIP,                       UNSUPPORTED_LAYER_TYPE",
        "text/plain,                                                        NOT_AN_IMAGE"
    })
    void manifest_layerThatOldClientsCannotUse_isRefused(String type, RefusalReason reason) {
        assertThatThrownBy(() -> manifest(Set.of(), layer(type)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().reason()).isEqualTo(reason));
    }

    @Test
    void manifest_unknownLayerAmongOthers_isUnsupported() {
        assertThatThrownBy(() -> manifest(Set.of(), layer(MediaTypes.OCI_LAYER_GZIP), layer("text/plain")))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("UNSUPPORTED_LAYER_TYPE");
    }

    @Test
    void list_platforms_areKeptWithWhatIsNotInterpreted() throws RefusedException {
        String index = "{\"schemaVersion\":2,\"manifests\":[{\"platform\":{\"os\":\"linux\"}},"
                + "{\"platform\": {\"os\": \"windows\", \"architecture\":\"amd64\", \"os.features\":[ \"win32k\" ]}}]}";
        ManifestListBuilder.Entry entry = new ManifestListBuilder.Entry(1, MediaTypes.SCHEMA2, DIGEST, 7);

        byte[] list = ManifestListBuilder.list(index.getBytes(StandardCharsets.UTF_8), List.of(entry));

        assertThat(new String(list, StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.list.v2+json\","
                                + "\"manifests\":[{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"size\":7,"
                                + "\"digest\":\"" + DIGEST
                                + "\",\"platform\":{\"os\":\"windows\",\"architecture\":\"amd64\",\"os.features\":[\"win32k\"]}}]}");
    }

    private static String manifest(Set<Digest> held, Descriptor... layers) throws RefusedException {
        Descriptor config = new Descriptor(MediaTypes.OCI_CONFIG, DIGEST, 2, null, List.of(), Map.of());
        Manifest.Image image = new Manifest.Image(MediaTypes.OCI_MANIFEST, config, List.of(layers));
        return new String(Schema2Builder.manifest(image, held), StandardCharsets.UTF_8);
    }

    private static Descriptor layer(String type) {
        return new Descriptor(type, DIGEST, 1, null, List.of(), Map.of());
    }
}
