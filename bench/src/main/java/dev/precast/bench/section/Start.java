package dev.precast.bench.section;

import static dev.precast.bench.report.Report.megabytes;
import static dev.precast.bench.report.Report.number;

import dev.precast.bench.report.Report;
import dev.precast.bench.tool.ProcessUsage;
import dev.precast.bench.tool.Program;
import dev.precast.bench.tool.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** {@code ./precast up} from the command to {@code ready}, built before, with its sample images. */
public final class Start implements Section {
    private static final Pattern READY = Pattern.compile("(?m)^ready\\b");

    @Override
    public String name() {
        return "start";
    }

    @Override
    public String title() {
        return "Starting everything on one machine";
    }

    private record Run(double seconds, long up, long all) {}

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        List<Run> first = new ArrayList<>();
        List<Run> later = new ArrayList<>();
        for (int i = 0; i < plan.rounds(); i++) {
            Path data = work.resolve("data" + i);
            first.add(once(plan, work, data));
            later.add(once(plan, work, data));
        }
        report.paragraph(
                "`./precast up` with the sample images until it says `ready`; medians of " + plan.rounds() + ".");
        report.table(
                List.of("", "seconds", "memory of `up`", "with its broker"),
                List.of(row("first start", first), row("later starts", later)));
    }

    private static List<String> row(String name, List<Run> runs) {
        return List.of(
                name,
                number(Statistics.median(runs, Run::seconds)),
                megabytes(Math.round(Statistics.median(runs, Run::up))),
                megabytes(Math.round(Statistics.median(runs, Run::all))));
    }

    private static Run once(Plan plan, Path work, Path data) throws IOException, InterruptedException {
        long since = System.nanoTime();
        try (Program up = Program.start(
                work.resolve("up.log"),
                List.of(
                        plan.home().resolve("precast").toString(),
                        "up",
                        "--data",
                        data.toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--events-listen",
                        "127.0.0.1:0",
                        "--admin-listen",
                        "127.0.0.1:0"))) {
            up.await(READY, Duration.ofMinutes(2));
            double seconds = (System.nanoTime() - since) / 1e9;
            Thread.sleep(2000);
            long all = up.usage().residentBytes();
            long children = ProcessHandle.of(up.pid())
                    .map(process -> new ProcessUsage(
                                    process.children().map(ProcessHandle::pid).toList())
                            .residentBytes())
                    .orElse(0L);
            return new Run(seconds, all - children, all);
        }
    }
}
