package dev.precast.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WalkProgressSumTest {
    private static final Position TARGET = new Position(-1, 5, -1);
    private static final Position BEFORE = new Position(9, 4, 9);
    private static final Position AFTER = new Position(0, 6, -1);

    @Test
    void walk_isDoneWhenEveryPartitionIs() {
        WalkProgressSum sum = WalkProgressSum.none(2, TARGET).with(report(0, TARGET, true, 10, 0, 0));
        assertThat(sum.isDone()).isFalse();

        sum = sum.with(report(1, AFTER, true, 20, 0, 0));
        assertThat(sum.isDone()).isTrue();
        assertThat(sum.walked()).isEqualTo(30);
    }

    @Test
    void reportOfAnEarlierState_doesNotCount() {
        assertThat(WalkProgressSum.none(1, TARGET)
                        .with(report(0, BEFORE, true, 10, 0, 0))
                        .isDone())
                .isFalse();
    }

    @Test
    void partitionThatIsDone_staysSo() {
        WalkProgressSum sum = WalkProgressSum.none(1, TARGET)
                .with(report(0, TARGET, true, 10, 0, 0))
                .with(report(0, TARGET, false, 3, 7, 0));

        assertThat(sum.isDone()).isTrue();
    }

    @Test
    void walkThatLacksAKey_isStuckUntilItHasIt() {
        WalkProgressSum sum = WalkProgressSum.none(1, TARGET).with(report(0, TARGET, true, 10, 0, 4));
        assertThat(sum.isDone()).isFalse();
        assertThat(sum.isStuck()).isTrue();

        assertThat(sum.with(report(0, AFTER, true, 10, 0, 0)).isDone()).isTrue();
    }

    @Test
    void remaining_takesUnknownPartitionsForAverageOnes() {
        WalkProgressSum sum = WalkProgressSum.none(4, TARGET)
                .with(report(0, TARGET, false, 40, 60, 0))
                .with(report(1, TARGET, false, 100, 0, 0));

        assertThat(sum.remaining()).isEqualTo(60 + 2 * 100);
    }

    private static WalkReport report(
            int partition, Position position, boolean done, long walked, long remaining, long waiting) {
        return new WalkReport(
                partition,
                position,
                done,
                walked,
                walked,
                0,
                waiting,
                remaining,
                Instant.parse("2026-11-23T00:00:00Z"));
    }
}
