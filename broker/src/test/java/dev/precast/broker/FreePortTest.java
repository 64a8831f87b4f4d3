package dev.precast.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FreePortTest {
    /** The controller once got the port that the broker was about to listen on: some systems hand out ports in turn. */
    @Test
    void otherThan_neverGivesTheTakenOne() throws Exception {
        int taken = FreePort.any();

        assertThat(IntStream.range(0, 200).map(i -> {
                    try {
                        return FreePort.otherThan(taken);
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .doesNotContain(taken);
    }
}
