package dev.precast.schemas.json;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import java.nio.charset.Charset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictJsonEncodingTest {
    /** Their bytes are valid UTF-8, NULs between the letters; a Go reader refuses them. */
    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void read_refusesOtherEncodings(String charset) {
        byte[] json = "{\"a\":1}".getBytes(Charset.forName(charset));

        assertThatThrownBy(() -> StrictJson.read(json, "manifest", RefusalReason.MALFORMED_MANIFEST))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("MALFORMED_MANIFEST");
    }
}
