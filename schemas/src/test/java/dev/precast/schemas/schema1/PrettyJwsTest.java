package dev.precast.schemas.schema1;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Digest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrettyJwsTest {
    private static final String PAYLOAD = "{\n   \"name\": \"ä/b\",\n   \"n\": 1\n}";
    private static final int LENGTH = PAYLOAD.getBytes(UTF_8).length - 2;

    @Test
    void payload_byBytesNotCharacters() throws RefusedException {
        PrettyJws jws = PrettyJws.read(bytes(document(entry(LENGTH, "\n}")))).orElseThrow();

        assertThat(new String(jws.payload(), UTF_8)).isEqualTo(PAYLOAD);
        assertThat(jws.payloadDigest()).isEqualTo(Digest.sha256(PAYLOAD.getBytes(UTF_8)));
        assertThat(jws.extraMembers()).isFalse();
        assertThat(jws.entries()).hasSize(1);
    }

    @Test
    void payload_withoutIndentation() throws RefusedException {
        String payload = "{\"name\":\"a\"}";
        String document = "{\"name\":\"a\",\"signatures\":[" + entry(payload.length() - 1, "}") + "]}";

        assertThat(PrettyJws.read(bytes(document)).orElseThrow().payload()).isEqualTo(bytes(payload));
    }

    @Test
    void read_emptyForUnsigned() throws RefusedException {
        assertThat(PrettyJws.read(bytes(PAYLOAD))).isEmpty();
        assertThat(PrettyJws.digest(bytes(PAYLOAD))).isEqualTo(Digest.sha256(bytes(PAYLOAD)));
    }

    @Test
    void extraMembers_afterTheSignatures() throws RefusedException {
        String document = document(entry(LENGTH, "\n}")).replaceFirst("]\n}$", "],\"tag\":\"x\"}");

        assertThat(PrettyJws.read(bytes(document)).orElseThrow().extraMembers()).isTrue();
    }

    @Test
    void extraMembers_betweenPayloadAndSignatures_evenWhenTheyRepeatAKey() throws RefusedException {
        String document =
                document(entry(LENGTH, "\n}")).replace("   \"signatures\"", "\"name\":\"evil\",\"signatures\"");

        assertThat(PrettyJws.read(bytes(document)).orElseThrow().extraMembers()).isTrue();
    }

    @Test
    void extraMembers_whenTheDocumentGoesOnWithTheLastNumber() throws RefusedException {
        String document = document(entry(LENGTH, "\n}")).replace("\"n\": 1", "\"n\": 12");

        assertThat(PrettyJws.read(bytes(document)).orElseThrow().extraMembers()).isTrue();
    }

    @Test
    void read_refusesDisagreeingSignatures() {
        assertRefused(
                document(entry(LENGTH, "\n}") + "," + entry(LENGTH - 1, "\n}")), RefusalReason.MALFORMED_MANIFEST);
        assertRefused(document(entry(LENGTH, "\n}") + "," + entry(LENGTH, " }")), RefusalReason.MALFORMED_MANIFEST);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 1_000_000, Integer.MAX_VALUE})
    void read_refusesLengthOutsideTheDocument(int length) {
        assertRefused(document(entry(length, "\n}")), RefusalReason.MALFORMED_MANIFEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"x\":2}", "}}", "\u00a0}"})
    void read_refusesOtherTails(String tail) {
        assertRefused(document(entry(LENGTH, tail)), RefusalReason.MALFORMED_MANIFEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "1",
                "{",
                "{\"signatures\":[]}",
                "{\"signatures\":null}",
                "{\"signatures\":[1]}",
                "{\"signatures\":[{\"header\":{},\"protected\":\"!\",\"signature\":\"\"}]}",
                "{\"signatures\":[{\"header\":{},\"protected\":\"e30\",\"signature\":\"\"}]}",
                "{\"a\":1} x",
                "\ufeff{\"a\":1}",
                "\0{\0}"
            })
    void read_refusesMalformed(String document) {
        assertRefused(document, RefusalReason.MALFORMED_MANIFEST);
    }

    @Test
    void read_refusesTwoSignaturesMembers() {
        String twice = document(entry(LENGTH, "\n}")).replaceFirst("]\n}$", "],\"signatures\":[]}");

        assertRefused(twice, RefusalReason.AMBIGUOUS_JSON);
        assertRefused(twice.replace("],\"signatures\"", "],\"\u017fignatureS\""), RefusalReason.AMBIGUOUS_JSON);
    }

    @Test
    void read_refusesDuplicateKeysInThePayload() {
        String payload = "{\"a\":1,\"a\":2}";
        String document = "{\"a\":1,\"a\":2,\"signatures\":[" + entry(payload.length() - 1, "}") + "]}";

        assertRefused(document, RefusalReason.AMBIGUOUS_JSON);
    }

    @Test
    void read_refusesDepth() {
        assertRefused("{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}", RefusalReason.TOO_LARGE);
    }

    private static void assertRefused(String document, RefusalReason reason) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> PrettyJws.read(bytes(document)));
        assertThat(refused).as(document).isNotNull();
        assertThat(refused.refusal().reason()).isEqualTo(reason);
    }

    private static String document(String entries) {
        return PAYLOAD.substring(0, PAYLOAD.length() - 2) + ",\n   \"signatures\": [" + entries + "]\n}";
    }

    private static String entry(int formatLength, String tail) {
        String header = "{\"formatLength\":" + formatLength + ",\"formatTail\":\"" + base64(tail) + "\"}";
        return "{\"header\":{\"alg\":\"ES256\"},\"signature\":\"AA\",\"protected\":\"" + base64(header) + "\"}";
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
