package dev.precast.schemas.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RegistryErrorTest {
    @Test
    void tagUnknown_isWhatDistributionAnswers() {
        assertThat(new String(RegistryError.tagUnknown("x").body(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\",\"detail\":{\"Tag\":\"x\"}}]}\n");
    }

    @Test
    void refused_namesTheReason() {
        RegistryError error = RegistryError.refused(new Refusal(RefusalReason.ZSTD_LAYER, "layer 2 is zstd"));

        assertThat(error.status()).isEqualTo(404);
        assertThat(new String(error.body(), StandardCharsets.UTF_8))
                .contains("\"detail\":{\"reason\":\"ZSTD_LAYER\",\"message\":\"layer 2 is zstd\"}");
    }

    @Test
    void pending_isWorthAnotherTry() {
        assertThat(RegistryError.pending().passing()).isTrue();
        assertThat(RegistryError.pending().reason()).isEqualTo("PENDING");
        assertThat(RegistryError.of(503, "UNAVAILABLE", "x").passing()).isTrue();
        assertThat(RegistryError.tagUnknown("v1").passing()).isFalse();
        assertThat(RegistryError.tagUnknown("v1").reason()).isNull();
    }
}
