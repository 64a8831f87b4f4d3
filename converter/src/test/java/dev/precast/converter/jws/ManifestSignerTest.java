package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestSignerTest {
    private static final byte[] PAYLOAD = "{\n   \"name\": \"日本\"\n}".getBytes(UTF_8);
    private static final Instant TIME = Instant.parse("2016-10-14T16:12:09.987654Z");

    @Test
    void sign_sameBytesWhateverTheOrderOfKeys() {
        List<SigningKey> keys = Fixtures.keys();
        List<SigningKey> reversed = new ArrayList<>(keys);
        Collections.reverse(reversed);

        byte[] manifest = ManifestSigner.sign(PAYLOAD, keys, TIME);

        assertThat(ManifestSigner.sign(PAYLOAD, reversed, TIME)).isEqualTo(manifest);
        assertThat(ManifestVerifier.verify(manifest, Set.of()).signatures())
                .hasSameSizeAs(keys)
                .extracting(SignatureCheck::keyId)
                .isSorted();
    }

    @Test
    void sign_writesUtcSeconds() {
        byte[] manifest = ManifestSigner.sign(PAYLOAD, List.of(Fixtures.key("ec-p256.sec1.pem")), TIME);

        assertThat(ManifestVerifier.verify(manifest, Set.of()).signatures())
                .extracting(SignatureCheck::time)
                .containsExactly(Instant.parse("2016-10-14T16:12:09Z"));
    }

    @Test
    void signChecked_givesTheSameBytes() {
        List<SigningKey> keys = Fixtures.keys();

        assertThat(ManifestSigner.signChecked(PAYLOAD, keys, TIME)).isEqualTo(ManifestSigner.sign(PAYLOAD, keys, TIME));
    }

    @Test
    void sign_refusesNoKey() {
        assertThatThrownBy(() -> ManifestSigner.sign(PAYLOAD, List.of(), TIME))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{ }", "[]", "x", "{\"a\":1,}", "{\"a\":1"})
    void sign_refusesWhatHasNoMember(String payload) {
        List<SigningKey> keys = List.of(Fixtures.key("ec-p256.sec1.pem"));

        assertThatThrownBy(() -> ManifestSigner.sign(payload.getBytes(UTF_8), keys, TIME))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
