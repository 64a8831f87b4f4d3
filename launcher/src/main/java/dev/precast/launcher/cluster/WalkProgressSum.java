package dev.precast.launcher.cluster;

import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkReport.Position;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * How far the walks of all partitions are towards one desired state. Immutable.
 *
 * @param partitions of the image table
 * @param target the desired state, or any later one
 * @param reports the newest of each partition that has taken in the target
 */
public record WalkProgressSum(int partitions, Position target, Map<Integer, WalkReport> reports) {
    public WalkProgressSum {
        reports = Map.copyOf(reports);
    }

    static WalkProgressSum none(int partitions, Position target) {
        return new WalkProgressSum(partitions, target, Map.of());
    }

    /** A finished partition stays so: a converter that loses it may still say what it knew. */
    WalkProgressSum with(WalkReport report) {
        WalkReport before = reports.get(report.partition());
        if (!report.desired().covers(target) || (before != null && finished(before) && !finished(report))) {
            return this;
        }
        Map<Integer, WalkReport> changed = new TreeMap<>(reports);
        changed.put(report.partition(), report);
        return new WalkProgressSum(partitions, target, changed);
    }

    public boolean isDone() {
        return reports.values().stream().filter(WalkProgressSum::finished).count() >= partitions;
    }

    /** Whether every tag was visited, but some need a key that their converter does not hold. */
    public boolean isStuck() {
        return waiting() > 0
                && reports.values().stream().filter(WalkReport::done).count() >= partitions;
    }

    public long walked() {
        return sum(WalkReport::walked);
    }

    public long rebuilt() {
        return sum(WalkReport::rebuilt);
    }

    public long unchanged() {
        return sum(WalkReport::unchanged);
    }

    public long waiting() {
        return sum(WalkReport::waiting);
    }

    /** Tags to go, estimated: partitions of which nothing is known yet are taken for average ones. */
    public long remaining() {
        long known = walked() + sum(WalkReport::remaining);
        long unknown = reports.isEmpty() ? 0 : known / reports.size() * Math.max(0, partitions - reports.size());
        return sum(WalkReport::remaining) + unknown;
    }

    private static boolean finished(WalkReport report) {
        return report.done() && report.waiting() == 0;
    }

    private long sum(ToLongFunction<WalkReport> count) {
        return reports.values().stream().mapToLong(count).sum();
    }
}
