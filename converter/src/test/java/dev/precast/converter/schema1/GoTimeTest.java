package dev.precast.converter.schema1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoTimeTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2016-10-14T16:12:09Z                | 2016-10-14T16:12:09Z",
                "2016-10-14T16:12:09.120000000Z      | 2016-10-14T16:12:09.12Z",
                "2016-10-14T16:12:09.000Z            | 2016-10-14T16:12:09Z",
                "2016-10-14T16:12:09.1234567891234Z  | 2016-10-14T16:12:09.123456789Z",
                "2016-10-14T16:12:09.0000000009Z     | 2016-10-14T16:12:09Z",
                "2016-10-14T16:12:09,5Z              | 2016-10-14T16:12:09.5Z",
                "2016-10-14T1:12:09Z                 | 2016-10-14T01:12:09Z",
                "2016-10-14T16:12:09+00:00           | 2016-10-14T16:12:09Z",
                "2016-10-14T16:12:09-00:00           | 2016-10-14T16:12:09Z",
                "2016-10-14T16:12:09+05:30           | 2016-10-14T16:12:09+05:30",
                "2016-10-14T16:12:09-23:59           | 2016-10-14T16:12:09-23:59",
                "2016-10-14T16:12:09+01:60           | 2016-10-14T16:12:09+02:00",
                "0000-02-29T00:00:00Z                | 0000-02-29T00:00:00Z",
                "2020-02-29T00:00:00Z                | 2020-02-29T00:00:00Z"
            })
    void normalize_accepted_isSpelledAsGoDoes(String text, String expected) {
        assertThat(GoTime.normalize(text)).contains(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2016-10-14",
                "2016-10-14 16:12:09Z",
                "2016-10-14t16:12:09z",
                "2016-10-14T16:12:09",
                "2016-10-14T16:12:60Z",
                "2016-10-14T16:60:09Z",
                "2016-10-14T24:00:00Z",
                "2016-02-30T16:12:09Z",
                "2021-02-29T16:12:09Z",
                "2016-00-14T16:12:09Z",
                "2016-13-14T16:12:09Z",
                "2016-10-00T16:12:09Z",
                "10000-01-01T00:00:00Z",
                "-2016-10-14T16:12:09Z",
                "2016-1-14T16:12:09Z",
                "2016-10-14T16:12:09.Z",
                "2016-10-14T16:12:09+0530",
                "2016-10-14T16:12:09+24:00",
                "2016-10-14T16:12:09+23:60",
                "2016-10-14T16:12:09+05:61",
                "2016-10-14T16:12:09Z ",
                "201\\u0036-10-14T16:12:09Z",
                "２016-10-14T16:12:09Z"
            })
    void normalize_refused_isEmpty(String text) {
        assertThat(GoTime.normalize(text)).isEmpty();
    }
}
