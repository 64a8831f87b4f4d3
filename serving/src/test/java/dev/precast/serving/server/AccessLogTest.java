package dev.precast.serving.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessLogTest {
    private static final AccessLog.Line LINE = new AccessLog.Line(
            "127.0.0.1", "bearer", "GET", "library/hello", "manifest-by-tag", "schema1", "converted", 200, 3712, 85);

    private static final Instant TIME = Instant.parse("2026-06-01T12:00:00.100Z");

    @Test
    void line_asText() {
        assertThat(LINE.text(TIME))
                .isEqualTo(
                        "2026-06-01T12:00:00.100Z 127.0.0.1 bearer GET library/hello manifest-by-tag schema1 converted 200"
                                + " 3712 85");
    }

    @Test
    void line_asJson() {
        assertThat(LINE.json(TIME))
                .isEqualTo(
                        "{\"time\":\"2026-06-01T12:00:00.100Z\",\"client\":\"127.0.0.1\",\"principal\":\"bearer\",\"method\":\"GET\","
                                + "\"repository\":\"library/hello\",\"kind\":\"manifest-by-tag\",\"format\":\"schema1\","
                                + "\"origin\":\"converted\",\"status\":200,\"bytes\":3712,\"micros\":85}");
    }

    @ParameterizedTest
    @CsvSource({"Basic c2VjcmV0, basic", "bearer secret, bearer", "Negotiate secret, other", "'', other"})
    void principal_neverTheCredential(String header, String expected) {
        assertThat(AccessLog.principal(header)).isEqualTo(expected);
    }

    @Test
    void method_withoutWhatBreaksLines() {
        assertThat(AccessLog.method("GET")).isEqualTo("GET");
        assertThat(AccessLog.method("GET\nx")).isEqualTo("-");
        assertThat(AccessLog.method("x".repeat(17))).isEqualTo("-");
    }
}
