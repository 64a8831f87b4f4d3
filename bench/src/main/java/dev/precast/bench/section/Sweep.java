package dev.precast.bench.section;

import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.LineChart;
import dev.precast.bench.report.LineChart.Line;
import dev.precast.bench.report.LineChart.Point;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.tool.Program;
import dev.precast.converter.jws.SigningKey;
import dev.precast.testkit.DockerRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A registry that was full before Precast came, and one that Precast knows already: {@code precast sync --wait} over both. */
public final class Sweep implements Section {
    /** No limit that a registry on this machine would reach: what is measured is the work. */
    private static final String FAST = "sweep.requested.rate=10000";

    private static final String ALLOWED = "sweep.rate.max=10000";

    @Override
    public String name() {
        return "sweep";
    }

    @Override
    public String title() {
        return "Sweeping a registry";
    }

    private record Step(int tags, double first, double again) {}

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        List<Step> steps = new ArrayList<>();
        for (int tags : List.of(plan.pushes(), plan.pushes() * 3, plan.pushes() * 10)) {
            steps.add(step(plan, work.resolve("tags" + tags), tags));
        }
        report.paragraph(
                "`precast sync --wait` with ingest beside a real registry, with its rate limit lifted, so that the work is what"
                        + " takes the time; by default a requested sweep sends no more than the limit in `precast config` says. The first pass reads"
                        + " every tag, the second only asks for digests and finds nothing to do.");
        report.table(
                List.of("tags", "first pass", "tags/s", "again", "tags/s"),
                steps.stream()
                        .map(step -> List.of(
                                number(step.tags()),
                                number(step.first()) + " s",
                                number(step.tags() / step.first()),
                                number(step.again()) + " s",
                                number(step.tags() / step.again())))
                        .toList());
        report.chart(new LineChart(
                "tags",
                "Seconds of a sweep over tags",
                "tags",
                "seconds",
                false,
                List.of(
                        new Line(
                                "first pass",
                                steps.stream()
                                        .map(step -> new Point(step.tags(), step.first()))
                                        .toList()),
                        new Line(
                                "again",
                                steps.stream()
                                        .map(step -> new Point(step.tags(), step.again()))
                                        .toList()))));
    }

    private static Step step(Plan plan, Path work, int tags) throws Exception {
        Files.createDirectories(work);
        TagSet set = new TagSet("sweep", SizedImage.FIVE, tags);
        try (DockerRegistry registry = DockerRegistry.start();
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()))) {
            EndToEnd.push(registry, set);
            precast.start("ingest", "--set", "sweep.enabled=false", "--set", FAST, "--set", ALLOWED);
            Report.progress(tags + " tags are pushed");
            double first = sync(plan, precast);
            return new Step(tags, first, sync(plan, precast));
        }
    }

    private static double sync(Plan plan, PrecastSystem precast) throws Exception {
        long since = System.nanoTime();
        Program.run(
                Duration.ofMinutes(30),
                List.of(
                        plan.home().resolve("precast").toString(),
                        "sync",
                        "--wait",
                        "--kafka",
                        precast.bootstrapServers()));
        return (System.nanoTime() - since) / 1e9;
    }
}
