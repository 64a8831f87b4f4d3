package dev.precast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.bench.report.LineChart;
import dev.precast.bench.report.LineChart.Line;
import dev.precast.bench.report.LineChart.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class LineChartTest {
    private static Document parsed(LineChart chart) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void chart_isWellFormed_withAPointForEachValue() throws Exception {
        Line line = new Line("a < b & c", List.of(new Point(1000, 5), new Point(1_000_000, 90_000)));
        Document svg = parsed(new LineChart("slug", "<title>", "tags", "requests/s", true, List.of(line, line)));
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(4);
        assertThat(svg.getElementsByTagName("path").getLength()).isEqualTo(2);
    }

    @Test
    void chart_ofZeroes_isStillAChart() throws Exception {
        Line line = new Line("nothing", List.of(new Point(0, 0)));
        assertThat(new LineChart("slug", "title", "x", "y", false, List.of(line)).svg())
                .doesNotContain("NaN");
    }
}
