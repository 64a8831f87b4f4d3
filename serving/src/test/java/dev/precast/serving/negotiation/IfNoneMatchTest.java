package dev.precast.serving.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IfNoneMatchTest {
    private static final String D = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"" + D + "\"",
                "W/\"" + D + "\"",
                D,
                "*",
                " * ",
                "\"a\",\"" + D + "\"",
                "\"a,b\" , W/\"" + D + "\"",
                "\"\", \"" + D + "\" , \"z\""
            })
    void matches_sameRepresentation(String line) {
        assertThat(IfNoneMatch.matches(Digest.EMPTY_LAYER, List.of(line))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "\"x\"",
                "\"" + D,
                "\"x " + D + "\"",
                "x\"" + D + "\"",
                "\"*\"",
                "w/\"" + D + "\"",
                "\"a,\"" + D + "\""
            })
    void matches_anotherRepresentation(String line) {
        assertThat(IfNoneMatch.matches(Digest.EMPTY_LAYER, List.of(line))).isFalse();
    }

    @Test
    void matches_severalLines() {
        assertThat(IfNoneMatch.matches(Digest.EMPTY_LAYER, List.of("\"x\"", D))).isTrue();
        assertThat(IfNoneMatch.matches(Digest.EMPTY_LAYER, List.of())).isFalse();
    }
}
