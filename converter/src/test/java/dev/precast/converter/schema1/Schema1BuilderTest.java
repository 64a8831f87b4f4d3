package dev.precast.converter.schema1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.Manifest;
import dev.precast.schemas.image.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Schema1BuilderTest {
    private static final String A = "a".repeat(64);

    @Test
    void payload_oneLayer_isThisText() throws RefusedException {
        String config = "{\"os\":\"linux\", \"architecture\":\"amd64\",\"history\":[{}],"
                + "\"rootfs\":{\"diff_ids\":[\"x\"]},\"config\":{ \"Cmd\" : [ \"<sh>\" ] }}";
        String id = V1Compatibility.topId(Digest.parse("sha256:" + A), "", config.getBytes(StandardCharsets.UTF_8));

        assertThat(payload(config, 1)).isEqualTo("""
                {
                   "schemaVersion": 1,
                   "name": "library/hello",
                   "tag": "v1",
                   "architecture": "amd64",
                   "fsLayers": [
                      {
                         "blobSum": "sha256:%s"
                      }
                   ],
                   "history": [
                      {
                         "v1Compatibility": "{\\"architecture\\":\\"amd64\\",\\"config\\":{\\"Cmd\\":[\\"\\\\u003csh\\\\u003e\\"]},\\"id\\":\\"%s\\",\\"os\\":\\"linux\\"}"
                      }
                   ]
                }""".formatted(A, id));
    }

    @Test
    void payload_nameAndTag_areEscapedLikeOtherStrings() throws RefusedException {
        byte[] config = "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}".getBytes(StandardCharsets.UTF_8);

        assertThat(new String(Schema1Builder.payload("a&b", "", image(1), config), StandardCharsets.UTF_8))
                .contains("\"name\": \"a\\u0026b\"", "\"tag\": \"\"", "\"architecture\": \"\"");
    }

    @Test
    void id_oldestLayer_coversTrailingSpace() {
        // printf '%s ' aaa…a | sha256sum
        assertThat(V1Compatibility.id(Digest.parse("sha256:" + A), ""))
                .isEqualTo("c062d9a693abb41c29d9fafa4d9c3f5952df91e5b6baa8a340aece4189fe44e3");
    }

    @Test
    void baseLayerId_isFirstHalfOfSha384() {
        assertThat(V1Compatibility.baseLayerId("sha256:windowsservercore"))
                .hasSize(64)
                .isEqualTo("0dcf8584d1126e18c212589e53dc2bfe2f030a277c2370bdde6ecf58ffb113bc");
    }

    @Test
    void payload_throwawayTop_overwritesTheConfigsOwn() throws RefusedException {
        String config = "{\"throwaway\":\"what\",\"history\":[{},{\"empty_layer\":true}],"
                + "\"rootfs\":{\"diff_ids\":[\"x\"]}}";

        assertThat(payload(config, 1)).contains("\\\"throwaway\\\":true}").doesNotContain("what");
    }

    @Test
    void payload_singleEntry_keepsTheConfigsParent() throws RefusedException {
        assertThat(payload("{\"parent\":\"old\",\"history\":[{}],\"rootfs\":{\"diff_ids\":[null]}}", 1))
                .contains("\\\"parent\\\":\\\"old\\\"");
    }

    @Test
    void payload_opaqueDuplicates_lastWinsOnTopAndAllStayNested() throws RefusedException {
        String config = "{\"x\":1,\"x\":{\"a\":1,\"a\":2},\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}";

        assertThat(payload(config, 1))
                .contains("\\\"x\\\":{\\\"a\\\":1,\\\"a\\\":2}}")
                .doesNotContain("\\\"x\\\":1");
    }

    @Test
    void payload_nullsInHistory_areZeroValues() throws RefusedException {
        String config = "{\"history\":[{\"created\":null,\"created_by\":null,\"author\":null,\"comment\":null,"
                + "\"empty_layer\":null},{}],\"rootfs\":{\"diff_ids\":[\"\",\"\"]}}";

        assertThat(payload(config, 2))
                .contains(
                        "\\\"created\\\":\\\"0001-01-01T00:00:00Z\\\",\\\"container_config\\\":{\\\"Cmd\\\":[\\\"\\\"]}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"history\":[]",
                "\"History\":null",
                "\"hi\u017Ftory\":1",
                "\"h\\u0069story\":[]",
                "\"ROOTFS\":{}",
                "\"architecture\":\"\",\"architecture\":\"\"",
                "\"OS\":\"linux\"",
                "\"ID\":\"\"",
                "\"Parent\":\"\"",
                "\"throwaway\":true,\"throwaway\":true"
            })
    void payload_ambiguousTopKey_isRefused(String member) {
        assertRefused(
                "{" + member + ",\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}", RefusalReason.AMBIGUOUS_JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"Created\":null",
                "\"created_by\":\"\",\"created_by\":\"\"",
                "\"CREATED_BY\":\"\"",
                "\"Empty_Layer\":true",
                "\"author\":1,\"Author\":1",
                "\"comment\":\"\",\"comment\":\"\""
            })
    void payload_ambiguousHistoryKey_isRefused(String members) {
        assertRefused(
                "{\"history\":[{" + members + "}],\"rootfs\":{\"diff_ids\":[\"\"]}}", RefusalReason.AMBIGUOUS_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"diff_ids\":[]", "\"DIFF_IDS\":[]", "\"diff_id\u017F\":[]", "\"Base_Layer\":\"\""})
    void payload_ambiguousRootfsKey_isRefused(String member) {
        assertRefused(
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]," + member + "}}", RefusalReason.AMBIGUOUS_JSON);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"history\":{},\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"history\":[1],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"history\":[{}],\"rootfs\":[]}",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[1]}}",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":{}}}",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"],\"type\":1}}",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"],\"base_layer\":1}}",
                "{\"history\":[{\"empty_layer\":1}],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"history\":[{\"comment\":[]}],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"os\":1,\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"throwaway\":\"\",\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "{\"parent\":{},\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}",
                "",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}",
                "{\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]},}",
                "{\"x\":01,\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}"
            })
    void payload_malformedConfig_isRefused(String config) {
        assertRefused(config, RefusalReason.MALFORMED_CONFIG);
    }

    @Test
    void payload_bytesThatAreNotUtf8_areRefused() {
        byte[] config = "{\"x\":\"\u00FF\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> Schema1Builder.payload("a", "b", image(1), config))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.NOT_UTF8));
    }

    @Test
    void payload_configAboveTheLimit_isRefused() {
        assertRefused("{\"x\":\"" + "y".repeat(Limits.MAX_CONFIG_BYTES) + "\"}", RefusalReason.TOO_LARGE);
    }

    @Test
    void payload_configThatGrowsBeyondARecord_isRefused() {
        String config = "{\"x\":\"" + "<".repeat(3 << 20) + "\",\"history\":[{}],\"rootfs\":{\"diff_ids\":[\"\"]}}";

        assertRefused(config, RefusalReason.TOO_LARGE);
    }

    @Test
    void payload_historyThatGrowsBeyondARecord_isRefused() {
        String empty = "{\"empty_layer\":true}";
        String config = "{\"history\":[" + (empty + ",").repeat(190_000) + empty + "],\"rootfs\":{}}";

        assertThatThrownBy(() -> Schema1Builder.payload("a", "b", image(0), config.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.TOO_LARGE));
    }

    private static String payload(String config, int layers) throws RefusedException {
        byte[] bytes = config.getBytes(StandardCharsets.UTF_8);
        return new String(Schema1Builder.payload("library/hello", "v1", image(layers), bytes), StandardCharsets.UTF_8);
    }

    private static void assertRefused(String config, RefusalReason reason) {
        assertThatThrownBy(() -> payload(config, 1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().reason()).isEqualTo(reason));
    }

    private static Manifest.Image image(int layers) {
        Descriptor layer = descriptor(MediaTypes.SCHEMA2_LAYER);
        List<Descriptor> all = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            all.add(layer);
        }
        return new Manifest.Image(MediaTypes.SCHEMA2, descriptor(MediaTypes.SCHEMA2_CONFIG), all);
    }

    private static Descriptor descriptor(String type) {
        return new Descriptor(type, Digest.parse("sha256:" + A), 1, null, List.of(), Map.of());
    }
}
