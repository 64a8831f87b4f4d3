package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OffsetTrackerTest {
    private final OffsetTracker tracker = new OffsetTracker();

    @Test
    void nothingBegun_nothingToCommit() {
        assertThat(tracker.committable()).isEqualTo(OptionalLong.empty());
    }

    @Test
    void lowestUnfinished_holdsTheOthersBack() {
        tracker.begin(5);
        tracker.begin(6);
        tracker.begin(9);
        tracker.finish(6);
        tracker.finish(9);
        assertThat(tracker.committable()).hasValue(5);

        tracker.finish(5);
        assertThat(tracker.committable()).hasValue(10);
        assertThat(tracker.size()).isZero();
    }

    @Test
    void finish_twice_changesNothing() {
        tracker.begin(5);
        tracker.finish(5);
        tracker.finish(5);

        assertThat(tracker.committable()).hasValue(6);
    }
}
