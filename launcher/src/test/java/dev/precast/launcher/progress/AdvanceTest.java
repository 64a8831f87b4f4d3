package dev.precast.launcher.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AdvanceTest {
    private final AtomicLong nanos = new AtomicLong();
    private final StringWriter out = new StringWriter();

    @Test
    void whatBecomesLess_hasAnEstimate() {
        try (Advance advance = Advance.lines("repair", new PrintWriter(out), nanos::get)) {
            advance.left(60, "");
            advance.left(80, "");
            nanos.addAndGet(Duration.ofSeconds(10).toNanos());
            advance.left(20, "events");
        }

        assertThat(out.toString().lines())
                .containsExactly("repair: 0 of 60 (0 %)", "repair: 60 of 80 (75 %), about 3 s left, events");
    }
}
