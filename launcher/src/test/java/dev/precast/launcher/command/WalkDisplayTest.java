package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.cluster.WalkProgressSum;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Without a terminal; with one see {@code ConverterLossIT}. */
class WalkDisplayTest {
    private final AtomicLong nanos = new AtomicLong();
    private final StringWriter err = new StringWriter();
    private final WalkDisplay display = new WalkDisplay(new PrintWriter(err, true), false, nanos::get);

    @Test
    void lines_sayHowFar_howFast_andHowLongStill() {
        display.show(sum(10, 3990, 0));
        assertThat(err.toString()).isEmpty();
        after(4);
        display.show(sum(1000, 3000, 0));
        after(1);
        display.show(sum(1500, 2500, 0));
        after(2);
        display.show(sum(4000, 0, 0));

        assertThat(err.toString().lines())
                .containsExactly(
                        "1,000 of about 4,000 tags, 250/s, about 12 s left",
                        "4,000 of about 4,000 tags, 571/s, about 0 s left");
    }

    @Test
    void walkThatNobodyTakesIn_isAsHelpfulAsItCanBe() {
        after(14);
        display.show(new WalkProgressSum(1, Position.NONE, Map.of()));
        assertThat(err.toString()).isEmpty();
        after(2);
        display.show(new WalkProgressSum(1, Position.NONE, Map.of()));
        display.show(new WalkProgressSum(1, Position.NONE, Map.of()));

        assertThat(err.toString().lines()).singleElement().asString().contains("Is one running?");
    }

    @Test
    void tagsThatWaitForAKey_areNamed() {
        after(16);
        display.show(sum(4000, 0, 7));

        assertThat(err.toString()).contains("7 tags wait for a key that their converter does not hold");
    }

    private void after(long seconds) {
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private static WalkProgressSum sum(long walked, long remaining, long waiting) {
        WalkReport report =
                new WalkReport(0, Position.NONE, remaining == 0, walked, walked, 0, waiting, remaining, Instant.EPOCH);
        return new WalkProgressSum(1, Position.NONE, Map.of(0, report));
    }
}
