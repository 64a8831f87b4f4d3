package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.resolver.Expectation.Told;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationTest {
    private static final Digest DIGEST = Digest.sha256(new byte[] {1});

    @ParameterizedTest
    @CsvSource({
        "quay, push, PUSHED",
        "generic, push, PUSHED",
        "sweep, push, LOOK",
        "serving, miss, LOOK",
        "quay, look, LOOK",
        "sweep, recheck, RECHECK",
        "quay, delete, DELETED"
    })
    void hintWithoutDigest_saysWhatItsSourceCanKnow(String source, String action, Told told) {
        assertThat(Expectation.of(hint(source, action, null))).isEqualTo(new Expectation(told, null));
    }

    @Test
    void digest_isExpected_butNotOfADelete() {
        assertThat(Expectation.of(hint("sweep", "push", DIGEST))).isEqualTo(new Expectation(Told.DIGEST, DIGEST));
        assertThat(Expectation.of(hint("zot", "delete", DIGEST))).isEqualTo(new Expectation(Told.DELETED, null));
    }

    private static Hint hint(String source, String action, @Nullable Digest digest) {
        return new Hint(source, action, "library/hello", "v1", digest, "id", Instant.EPOCH);
    }
}
