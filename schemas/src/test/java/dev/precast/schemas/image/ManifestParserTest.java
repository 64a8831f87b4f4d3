package dev.precast.schemas.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestParserTest {
    private static final String D = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final String CONFIG =
            "\"config\":{\"mediaType\":\"" + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":2,\"digest\":\"" + D + "\"}";
    private static final String LAYERS =
            "\"layers\":[{\"mediaType\":\"" + MediaTypes.SCHEMA2_LAYER + "\",\"size\":3,\"digest\":\"" + D + "\"}]";

    @Test
    void schema2_readsConfigAndLayers() throws Exception {
        Manifest manifest = parse(MediaTypes.SCHEMA2, "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "}");

        assertThat(manifest).isInstanceOfSatisfying(Manifest.Image.class, image -> {
            assertThat(image.config().digest()).hasToString(D);
            assertThat(image.layers())
                    .singleElement()
                    .satisfies(layer -> assertThat(layer.size()).isEqualTo(3));
        });
    }

    @Test
    void index_readsPlatformsInOrder() throws Exception {
        Manifest manifest = parse(
                MediaTypes.OCI_INDEX,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":["
                        + "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"size\":1,\"digest\":\"" + D
                        + "\",\"platform\":{\"architecture\":\"arm64\",\"os\":\"linux\",\"variant\":\"v8\"}},"
                        + "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"size\":1,\"digest\":\"" + D
                        + "\",\"annotations\":{\"a\":\"b\"}}]}");

        assertThat(manifest).isInstanceOfSatisfying(Manifest.Index.class, index -> {
            assertThat(index.manifests()).hasSize(2);
            assertThat(index.manifests().get(0).platform()).hasToString("linux/arm64/v8");
            assertThat(index.manifests().get(1).platform()).isNull();
            assertThat(index.manifests().get(1).annotations()).containsEntry("a", "b");
        });
    }

    @Test
    void layersBesideManifests_isAmbiguous() {
        assertRefused(
                RefusalReason.AMBIGUOUS_JSON, "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + ",\"manifests\":[]}");
        assertRefused(
                RefusalReason.AMBIGUOUS_JSON, "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + ",\"fsLayers\":[]}");
    }

    @Test
    void duplicateLayers_isAmbiguous() {
        assertRefused(
                RefusalReason.AMBIGUOUS_JSON, "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "," + LAYERS + "}");
    }

    @Test
    void upperCaseLayers_isAmbiguous() {
        assertRefused(
                RefusalReason.AMBIGUOUS_JSON,
                "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "," + LAYERS.replace("layers", "LAYERS") + "}");
    }

    @Test
    void layersWithLongS_isAmbiguous() {
        assertRefused(
                RefusalReason.AMBIGUOUS_JSON,
                "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "," + LAYERS.replace("layers", "layerſ") + "}");
    }

    @Test
    void otherMediaTypeInside_isMalformed() {
        assertRefused(
                RefusalReason.MALFORMED_MANIFEST,
                "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\"," + CONFIG + "," + LAYERS
                        + "}");
    }

    @Test
    void negativeSize_isMalformed() {
        assertRefused(
                RefusalReason.MALFORMED_MANIFEST,
                "{\"schemaVersion\":2," + CONFIG.replace("\"size\":2", "\"size\":-5") + "," + LAYERS + "}");
    }

    @Test
    void upperCaseDigest_isMalformed() {
        assertRefused(
                RefusalReason.MALFORMED_MANIFEST,
                "{\"schemaVersion\":2," + CONFIG.replace("ba7816bf", "BA7816BF") + "," + LAYERS + "}");
    }

    @Test
    void trailingData_isMalformed() {
        assertRefused(RefusalReason.MALFORMED_MANIFEST, "{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "} {}");
    }

    @Test
    void byteOrderMark_isMalformed() {
        assertRefused(RefusalReason.MALFORMED_MANIFEST, "\uFEFF{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "}");
    }

    @Test
    void loneSurrogate_isMalformed() {
        assertRefused(
                RefusalReason.MALFORMED_MANIFEST,
                "{\"schemaVersion\":2,\"annotations\":{\"a\":\"\\ud800\"}," + CONFIG + "," + LAYERS + "}");
    }

    @Test
    void deepNesting_isTooLarge() {
        assertRefused(
                RefusalReason.TOO_LARGE,
                "{\"schemaVersion\":2,\"x\":" + "[".repeat(9000) + "]".repeat(9000) + "," + CONFIG + "," + LAYERS
                        + "}");
    }

    @Test
    void longNumber_isTooLarge() {
        assertRefused(
                RefusalReason.TOO_LARGE,
                "{\"schemaVersion\":2,\"x\":" + "1".repeat(5000) + "," + CONFIG + "," + LAYERS + "}");
    }

    @Test
    void manyLayers_isTooLarge() {
        String layer = LAYERS.substring(LAYERS.indexOf('{'), LAYERS.lastIndexOf(']'));
        String layers = "\"layers\":[" + (layer + ",").repeat(1000) + layer + "]";
        assertRefused(RefusalReason.TOO_LARGE, "{\"schemaVersion\":2," + CONFIG + "," + layers + "}");
    }

    @ParameterizedTest
    @CsvSource({"1001, 1", "1, 1001"})
    void manyLayersInSchema1_isTooLarge(int layers, int history) {
        RefusedException refused = catchThrowableOfType(
                RefusedException.class, () -> parse(MediaTypes.SCHEMA1_SIGNED, schema1(layers, history)));
        assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.TOO_LARGE);
    }

    @Test
    void thousandLayersInSchema1_areRead() throws RefusedException {
        assertThat(parse(MediaTypes.SCHEMA1_SIGNED, schema1(1000, 1000))).isInstanceOf(Manifest.Schema1.class);
    }

    private static String schema1(int layers, int history) {
        return "{\"schemaVersion\":1,\"fsLayers\":[" + "{},".repeat(layers - 1) + "{}],\"history\":["
                + "{},".repeat(history - 1) + "{}]}";
    }

    @Test
    void unknownMediaType_isUnsupported() {
        RefusedException refused =
                catchThrowableOfType(RefusedException.class, () -> parse("application/vnd.example+json", "{}"));
        assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.UNSUPPORTED_MEDIA_TYPE);
    }

    @Test
    void invalidUtf8_isNotUtf8() {
        byte[] bytes = ("{\"schemaVersion\":2," + CONFIG + "," + LAYERS + "}").getBytes(StandardCharsets.UTF_8);
        bytes[5] = (byte) 0xFF;
        RefusedException refused =
                catchThrowableOfType(RefusedException.class, () -> ManifestParser.parse(MediaTypes.SCHEMA2, bytes));
        assertThat(refused.refusal().reason()).isEqualTo(RefusalReason.NOT_UTF8);
    }

    private static void assertRefused(RefusalReason reason, String json) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> parse(MediaTypes.SCHEMA2, json));
        assertThat(refused).isNotNull();
        assertThat(refused.refusal().reason()).isEqualTo(reason);
    }

    private static Manifest parse(String mediaType, String json) throws RefusedException {
        return ManifestParser.parse(mediaType, json.getBytes(StandardCharsets.UTF_8));
    }
}
