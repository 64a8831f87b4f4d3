package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.bench.tool.Statistics;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void median_ofAnOddNumber_isTheMiddle() {
        assertThat(Statistics.median(9, 1, 5)).isEqualTo(5);
    }

    @Test
    void median_ofAnEvenNumber_isBetweenTheTwoInTheMiddle() {
        assertThat(Statistics.median(1, 9, 5, 2)).isEqualTo(3.5);
    }

    @Test
    void percentile_isTheValueThatSoManyDoNotExceed() {
        double[] hundred = java.util.stream.IntStream.rangeClosed(1, 100)
                .mapToDouble(i -> i)
                .toArray();
        assertThat(Statistics.percentile(50, hundred)).isEqualTo(50);
        assertThat(Statistics.percentile(99, hundred)).isEqualTo(99);
        assertThat(Statistics.percentile(100, hundred)).isEqualTo(100);
        assertThat(Statistics.percentile(99, 7)).isEqualTo(7);
    }

    @Test
    void nothing_hasNeitherMedianNorPercentile() {
        assertThatThrownBy(Statistics::median).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Statistics.percentile(50)).isInstanceOf(IllegalArgumentException.class);
    }
}
