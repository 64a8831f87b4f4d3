package dev.precast.schemas.json;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StrictJsonNumberTest {
    @Test
    void read_exponentBeyond32Bits_isRefusedNotThrown() {
        byte[] json = "{\"size\":1e99999999940}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> StrictJson.read(json, "manifest", RefusalReason.MALFORMED_MANIFEST))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("MALFORMED_MANIFEST");
    }
}
