package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalkProgressTest {
    private final WalkProgress progress =
            new WalkProgress(Clock.systemUTC(), new ConverterMetrics(new SimpleMeterRegistry()));

    @Test
    void reports_areNewsUntilTheyAreTold() {
        report(0);
        report(1);
        report(2);
        List<WalkReport> news = progress.news();
        // The second could not be written, and the third was not come to.
        progress.told(news.get(0));

        assertThat(progress.news()).containsExactlyElementsOf(news.subList(1, 3));
        progress.news().forEach(progress::told);
        assertThat(progress.news()).isEmpty();
    }

    private void report(int partition) {
        progress.report(partition, new Position(0, 0, 0), WalkState.fresh("desired", 0), 0);
    }
}
