package dev.precast.serving.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
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

    @ParameterizedTest
    @ValueSource(strings = {",%s,", "%s", "x%sx", "\"%s", "W/\"%s", "W/%sx\"", "\"x\"%sx", "\"x\", %sx\""})
    void names_longLine_readsItAFewTimesOnly(String form) {
        for (String filler : List.of(" ", "x", ",", "\"", "W/", "\"x\",", "x ")) {
            Counted line = new Counted(form.formatted(filler.repeat(31_000 / filler.length())), new AtomicLong());
            IfNoneMatch.names(D, line);
            assertThat(line.reads().get()).as(filler).isLessThan(8L * line.length());
        }
    }

    /** Counts how often somebody looks at one of its characters. */
    private record Counted(String text, AtomicLong reads) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            reads.incrementAndGet();
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
