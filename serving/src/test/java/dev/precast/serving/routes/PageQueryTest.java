package dev.precast.serving.routes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageQueryTest {
    @ParameterizedTest
    @CsvSource({
        "n=0, 0, ?n=0",
        "n=000, 0, ?n=0",
        "n=7, 7, ?n=7",
        "n=5000, 1000, ?n=1000",
        "n=, 1000, ''",
        "x=1, 1000, ''"
    })
    void n_isCutToTheLargestPage(String raw, int entries, String query) {
        PageQuery page = PageQuery.parse(raw);
        assertThat(page.n()).isEqualTo(entries);
        assertThat(page.query()).isEqualTo(query);
        assertThat(page.error()).isNull();
    }
}
