package dev.precast.schemas.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GoJsonTest {
    @Test
    void quote_controlAndHtmlCharacters_areEscapedAsBeforeGo122() {
        assertThat(GoJson.quote("\"\\/\b\f\n\r\t\u0000\u001F\u007F<>&\u2028\u2029é\uD83D\uDC33"))
                .isEqualTo(
                        "\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0000\\u001f\u007F\\u003c\\u003e\\u0026\\u2028\\u2029é\uD83D\uDC33\"");
    }

    @Test
    void compact_spaceAndEscapes_onlySpaceBetweenTokensGoes() {
        assertThat(GoJson.compact("{ \"a \\\" b\" :\t[ 1.50e3 ,\r\n-0 ], \"\\u003c\\/\\b\" : \"<>& \u2028\" }"))
                .isEqualTo("{\"a \\\" b\":[1.50e3,-0],\"\\u003c\\/\\b\":\"\\u003c\\u003e\\u0026 \\u2028\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "\\ud83d\\udc33, \uD83D\uDC33",
        "\\uD83D\\uDC33, \uD83D\uDC33",
        "\\ud800x, \uFFFDx",
        "x\\udc33, x\uFFFD",
        "\\udc33\\ud83d, \uFFFD\uFFFD",
        "\\ud83d\\ud83d\\udc33, \uFFFD\uD83D\uDC33",
        "\\/\\\\\\u0041, /\\A"
    })
    void unquote_escapes_loneSurrogatesAreReplaced(String escaped, String expected) {
        assertThat(GoJson.unquote("\"" + escaped + "\"")).isEqualTo(expected);
    }

    @Test
    void keyOrder_beyondTheBmp_isByUtf8BytesNotByUtf16() {
        List<String> sorted = List.of("", "A", "a", "é", "\uD7FF", "\uE000", "\uFFFD", "\uD83D\uDE00", "\uDBFF\uDFFF");

        assertThat(sorted.stream().sorted(GoJson.KEY_ORDER.reversed()).sorted(GoJson.KEY_ORDER))
                .isEqualTo(sorted);
    }
}
