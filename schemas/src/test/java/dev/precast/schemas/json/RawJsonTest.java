package dev.precast.schemas.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RawJsonTest {
    @Test
    void members_duplicatesAndSpellings_areKept() throws RefusedException {
        RawJson json = parse(" { \"a\" : 1.50e3 , \"\\u0061\":[ ], \"\":\"\\/\"}\n");

        assertThat(json.members())
                .containsExactly(
                        new RawJson.Member("a", new RawJson("1.50e3")),
                        new RawJson.Member("a", new RawJson("[ ]")),
                        new RawJson.Member("", new RawJson("\"\\/\"")));
    }

    @Test
    void elements_nested_areKeptAsWritten() throws RefusedException {
        assertThat(parse("[ {\"a\":[1, 2]} ,null,\"]\" ]").elements())
                .extracting(RawJson::text)
                .containsExactly("{\"a\":[1, 2]}", "null", "\"]\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-0", "1E400", "-1.0e-0", "\"\\ud800\"", "[[],{},[{}]]", "true", "\"\u007F\""})
    void parse_valid_isKept(String json) throws RefusedException {
        assertThat(parse(json).text()).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "}",
                "[",
                "[1,]",
                "{,}",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "01",
                "1.",
                ".5",
                "+1",
                "1e",
                "-",
                "NaN",
                "Infinity",
                "tru",
                "nul",
                "'a'",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u１234\"",
                "\"\n\"",
                "\"",
                "1 2",
                "[1}",
                "{\"a\":1]",
                "\uFEFF{}",
                "\u00A0{}",
                "/**/{}",
                "\u0000"
            })
    void parse_invalid_isRefused(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(RefusedException.class)
                .hasMessageStartingWith("MALFORMED_CONFIG: The config ");
    }

    @Test
    void parse_deeperThanTheLimit_isTooLarge() throws RefusedException {
        byte[] deep = ("[".repeat(11) + "]".repeat(11)).getBytes(StandardCharsets.UTF_8);

        assertThat(RawJson.parse(deep, "config", RefusalReason.MALFORMED_CONFIG, 11)
                        .kind())
                .isEqualTo(RawJson.Kind.ARRAY);
        assertThatThrownBy(() -> RawJson.parse(deep, "config", RefusalReason.MALFORMED_CONFIG, 10))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.TOO_LARGE));
    }

    private static RawJson parse(String json) throws RefusedException {
        return RawJson.parse(json.getBytes(StandardCharsets.UTF_8), "config", RefusalReason.MALFORMED_CONFIG, 100);
    }
}
