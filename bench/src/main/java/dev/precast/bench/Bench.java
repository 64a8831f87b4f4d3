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
            new SideBySide(), new EndToEnd(), new Growth(), new Sweep(), new InProcess(), new Start(), new Cluster());

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
            }
            writePage(output, plan);
        } finally {
            delete(work);
        }
    }

    private static List<Section> chosen(List<String> names) {
        List<String> known = SECTIONS.stream().map(Section::name).toList();
        names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("Cannot run " + name + ": expected --quick and any of " + known + ".");
        });
        return SECTIONS.stream()
                .filter(section -> names.isEmpty() || names.contains(section.name()))
                .toList();
    }

    private static void run(Section section, Plan plan) throws Exception {
        long start = System.nanoTime();
        System.err.println("== " + section.title());
        Path work = Files.createDirectories(plan.work().resolve(section.name()));
        Report report = new Report(plan.output(), section.name(), section.title());
        section.run(plan, work, report);
        report.paragraph(String.format(
                Locale.ROOT,
                "Measured %s in %d s by `bench/run %s`.",
                LocalDate.now(ZoneOffset.UTC),
                (System.nanoTime() - start) / 1_000_000_000L,
                section.name()));
        report.write();
        delete(work);
    }

    private static void writePage(Path output, Plan plan) throws IOException, InterruptedException {
        StringBuilder page = new StringBuilder("""
                # Benchmarks

                Written by `bench/run`: one command, on a machine with `docker-registry`, `nginx`, `wrk` and `openssl`. Machines differ and are
                noisy: read ratios within one table, not absolute figures. Everything, the load generator too, runs on the same machine.

                """);
        Machine.describe().forEach(fact -> page.append("- ").append(fact).append('\n'));
        page.append('\n');
        for (Section section : SECTIONS) {
            Path part = plan.output().resolve(section.name() + ".md");
            if (Files.exists(part)) {
                page.append(Files.readString(part));
            }
        }
        Files.writeString(output.resolve("BENCHMARKS.md"), page);
        System.err.println("Wrote " + output.resolve("BENCHMARKS.md"));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
