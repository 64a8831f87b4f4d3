package dev.precast.bench.section;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How much is measured.
 *
 * @param home of the project
 * @param work a directory for everything that is written and may be deleted
 * @param output directory of the sections' files
 * @param tags in the view of the side-by-side runs
 * @param growth the tag counts of the curves
 * @param rounds of alternating runs, of which medians are taken
 * @param time of one run
 * @param pushes of the freshness run
 */
public record Plan(
        Path home, Path work, Path output, int tags, List<Integer> growth, int rounds, Duration time, int pushes) {
    /** What the published figures are made with. */
    public static Plan full(Path home, Path work, Path output) {
        return new Plan(
                home, work, output, 100_000, List.of(1_000, 10_000, 100_000, 1_000_000), 3, Duration.ofSeconds(3), 500);
    }

    /** The same paths in a few minutes, to see that everything works; its figures mean little. */
    public static Plan quick(Path home, Path work, Path output) {
        return new Plan(home, work, output, 2_000, List.of(500, 1_000, 2_000), 1, Duration.ofSeconds(2), 50);
    }
}
