package dev.precast.converter.topology;

import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How far the walks of this converter are, partition by partition. Thread-safe. */
public final class WalkProgress {
    private final Clock clock;
    private final ConverterMetrics metrics;
    private final Map<Integer, WalkReport> reports = new ConcurrentHashMap<>();
    private final Map<Integer, WalkReport> told = new ConcurrentHashMap<>();

    WalkProgress(Clock clock, ConverterMetrics metrics) {
        this.clock = clock;
        this.metrics = metrics;
        metrics.remaining(
                this,
                progress -> progress.reports.values().stream()
                        .mapToLong(WalkReport::remaining)
                        .sum());
    }

    void visited(Visit.Outcome outcome) {
        metrics.walked(outcome);
    }

    /** @param remaining tags to go, estimated */
    void report(int partition, Position position, WalkState state, long remaining) {
        WalkState.Counts counts = state.countsOrNone();
        reports.put(
                partition,
                new WalkReport(
                        partition,
                        position,
                        state.done(),
                        counts.walked(),
                        counts.rebuilt(),
                        counts.unchanged(),
                        counts.waiting(),
                        remaining,
                        clock.instant()));
    }

    void forget(int partition) {
        reports.remove(partition);
        told.remove(partition);
    }

    /** The newest reports that were not told. */
    List<WalkReport> news() {
        List<WalkReport> news = new ArrayList<>();
        reports.forEach((partition, report) -> {
            if (!report.equals(told.get(partition))) {
                news.add(report);
            }
        });
        return news;
    }

    /** The report is durable: it is news no more. */
    void told(WalkReport report) {
        told.put(report.partition(), report);
    }
}
