package dev.precast.bench;

import dev.precast.bench.report.Report;
import dev.precast.bench.section.Cluster;
import dev.precast.bench.section.EndToEnd;
import dev.precast.bench.section.Growth;
import dev.precast.bench.section.InProcess;
import dev.precast.bench.section.Plan;
import dev.precast.bench.section.Section;
import dev.precast.bench.section.SideBySide;
import dev.precast.bench.section.Start;
import dev.precast.bench.section.Sweep;
import dev.precast.bench.tool.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Runs the sections that are named, or all, and writes {@code docs/BENCHMARKS.md} from what they and earlier runs found. */
public final class Bench {
    private static final List<Section> SECTIONS = List.of(
            SideBySide.five(),
            SideBySide.forty(),
            new EndToEnd(),
            Growth.small(),
            Growth.largest(),
            new Sweep(),
            new InProcess(),
            new Start(),
            new Cluster());

    private Bench() {}

    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(System.getProperty("precast.home", "."))
                .toAbsolutePath()
                .normalize();
        List<String> names = new ArrayList<>(List.of(arguments));
        boolean quick = names.remove("--quick");
        Path output = quick ? home.resolve("bench/target/docs") : home.resolve("docs");
        Path work = Files.createTempDirectory("precast-bench");
        try {
            Plan plan = quick
                    ? Plan.quick(home, work, output.resolve("benchmarks"))
                    : Plan.full(home, work, output.resolve("benchmarks"));
            for (Section section : chosen(names)) {
                run(section, plan);
                writePage(output, plan); // What comes later may fail.
            }
        } finally {
            delete(work);
        }
    }

    private static List<Section> chosen(List<String> names) {
        List<String> known = SECTIONS.stream().map(Section::name).toList();
        names.stream()
                .filter(name -> known.stream().noneMatch(section -> isNamed(section, name)))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException(
                            "Cannot run " + name + ": expected --quick and any of " + known + ".");
                });
        return SECTIONS.stream()
                .filter(section -> names.isEmpty() || names.stream().anyMatch(name -> isNamed(section.name(), name)))
                .toList();
    }

    /** {@code serving} names {@code serving-five} and {@code serving-forty}. */
    private static boolean isNamed(String section, String name) {
        return section.equals(name) || section.startsWith(name + "-");
    }

    private static void run(Section section, Plan plan) throws Exception {
        long start = System.nanoTime();
        System.err.println("== " + section.title());
        Path work = Files.createDirectories(plan.work().resolve(section.name()));
        Report report = new Report(plan.output(), section.page(), section.title());
        section.run(plan, work, report);
        report.paragraph(String.format(
                Locale.ROOT,
                "Measured %s in %d s by `bench/run %s` on %s.",
                LocalDate.now(ZoneOffset.UTC),
                (System.nanoTime() - start) / 1_000_000_000L,
                section.name(),
                Machine.processor()));
        report.write();
        delete(work);
    }

    private static void writePage(Path output, Plan plan) throws IOException, InterruptedException {
        StringBuilder page = new StringBuilder("""
                # Benchmarks

                Written by `bench/run`: one command, on a machine with `docker-registry`, `nginx`, `wrk` and `openssl`. Machines differ and are
                noisy: read ratios within one table, not absolute figures. Everything, the load generator too, runs on the same machine; each
                section says at its end on which.

                """);
        Machine.describe(plan.home())
                .forEach(fact -> page.append("- ").append(fact).append('\n'));
        page.append('\n');
        for (String part : SECTIONS.stream().map(Section::page).distinct().toList()) {
            Path measured = plan.output().resolve(part + ".txt");
            if (Files.exists(measured)) {
                append(page, measured);
                append(page, plan.output().resolve(part + "-notes.txt")); // Written by people, kept by every run.
            }
        }
        Files.writeString(output.resolve("BENCHMARKS.md"), page);
        System.err.println("Wrote " + output.resolve("BENCHMARKS.md"));
    }

    private static void append(StringBuilder page, Path part) throws IOException {
        if (Files.exists(part)) {
            page.append(Files.readString(part).strip()).append("\n\n");
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
