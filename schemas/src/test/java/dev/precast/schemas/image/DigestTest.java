package dev.precast.schemas.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
    private static final String ABC = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void sha256_isTheHashOfTheBytes() {
        assertThat(Digest.sha256("abc".getBytes(StandardCharsets.UTF_8))).hasToString(ABC);
    }

    @Test
    void matches_onlyItsOwnContent() {
        Digest digest = Digest.parse(ABC);
        assertThat(digest.matches("abc".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(digest.matches("abd".getBytes(StandardCharsets.UTF_8))).isFalse();
    }

    @Test
    void emptyLayer_isTheDigestOfThe32BytesThatOldClientsKnow() {
        byte[] emptyLayer = Base64.getDecoder().decode("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=");
        assertThat(emptyLayer).hasSize(32);
        assertThat(Digest.EMPTY_LAYER.matches(emptyLayer)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256",
                "sha256:",
                "sha256:abc",
                "sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
                "md5:900150983cd24fb0d6963f7d28e17f72",
                "sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
                "sha256:../../../../etc/passwd"
            })
    void parse_refusesWhatIsNoDigest(String text) {
        assertThat(Digest.tryParse(text)).isEmpty();
        assertThatThrownBy(() -> Digest.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
