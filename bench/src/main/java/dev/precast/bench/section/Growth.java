package dev.precast.bench.section;

import static dev.precast.bench.report.Report.megabytes;
import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.LineChart;
import dev.precast.bench.report.LineChart.Line;
import dev.precast.bench.report.LineChart.Point;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.tool.Statistics;
import dev.precast.bench.tool.Wrk;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What more tags cost: converting them, holding them, starting with them, and serving one of them. */
public final class Growth implements Section {
    private static final int ANY_CORE = -1;
    private static final int CONNECTIONS = 16;

    @Override
    public String name() {
        return "growth";
    }

    @Override
    public String title() {
        return "How cost grows with the number of tags";
    }

    private record Step(
            int tags,
            double converted,
            double coldSeconds,
            double restartSeconds,
            double perSecond,
            double p99,
            long resident,
            long imageBytes,
            long variantBytes,
            long viewBytes,
            long converterResident) {}

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        List<Step> steps = new ArrayList<>();
        try (DockerRegistry registry = DockerRegistry.start();
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()))) {
            int done = 0;
            for (int tags : plan.growth()) {
                steps.add(step(plan, work, precast, done, tags));
                done = tags;
            }
        }
        report.paragraph(
                "Image records of five layers are written to `precast-images`; then a converter starts and goes on until the last"
                        + " variant is in `precast-variants` (its start included), then serving starts, first without local state, then with it."
                        + " Converter and broker, or serving and `wrk`, share the cores. Each step adds to the one before.");
        report.table(
                List.of(
                        "tags",
                        "converted images/s",
                        "serving ready, cold",
                        "ready, restart",
                        "requests/s, 16 connections",
                        "p99 ms",
                        "serving memory",
                        "converter memory"),
                steps.stream()
                        .map(step -> List.of(
                                number(step.tags()),
                                number(step.converted()),
                                number(step.coldSeconds()) + " s",
                                number(step.restartSeconds()) + " s",
                                number(step.perSecond()),
                                number(step.p99()),
                                megabytes(step.resident()),
                                megabytes(step.converterResident())))
                        .toList());
        report.table(
                List.of("tags", "bytes a tag in `precast-images`", "in `precast-variants`", "in the view"),
                steps.stream()
                        .map(step -> List.of(
                                number(step.tags()),
                                number((double) step.imageBytes() / step.tags()),
                                number((double) step.variantBytes() / step.tags()),
                                number((double) step.viewBytes() / step.tags())))
                        .toList());
        report.chart(new LineChart(
                "requests",
                "Requests per second over tags in the view",
                "tags",
                "requests/s",
                true,
                List.of(line("by tag, 16 connections", steps, Step::perSecond))));
        report.chart(new LineChart(
                "memory",
                "Memory of serving over tags in the view",
                "tags",
                "MB",
                true,
                List.of(line("resident", steps, step -> step.resident() / 1e6))));
        report.chart(new LineChart(
                "ready",
                "Seconds until serving is ready",
                "tags",
                "seconds",
                true,
                List.of(
                        line("from the topic", steps, Step::coldSeconds),
                        line("on local state", steps, Step::restartSeconds))));
    }

    private static Line line(String name, List<Step> steps, java.util.function.ToDoubleFunction<Step> value) {
        return new Line(
                name,
                steps.stream()
                        .map(step -> new Point(step.tags(), value.applyAsDouble(step)))
                        .toList());
    }

    private static Step step(Plan plan, Path work, PrecastSystem precast, int from, int to) throws Exception {
        TagSet all = new TagSet("many", SizedImage.FIVE, to);
        precast.sendImages(all.records(1).skip(from));
        long since = System.nanoTime();
        PrecastSystem.Role converter = precast.start("converter", "--set", "converter.threads=2");
        double seconds = precast.awaitWritten(TopicCatalogue.VARIANTS, 2L * to, since);
        long converterResident = converter.program().usage().residentBytes();
        precast.stop("converter");
        Path data = work.resolve("serving");
        delete(data);
        long cold = System.nanoTime();
        precast.start("serving");
        double coldSeconds = (System.nanoTime() - cold) / 1e9;
        precast.stop("serving");
        long again = System.nanoTime();
        PrecastSystem.Role serving = precast.start("serving");
        double restartSeconds = (System.nanoTime() - again) / 1e9;
        Wrk wrk = new Wrk(work, all.paths(), ANY_CORE);
        wrk.run(serving.uri(), CONNECTIONS, plan.time());
        List<Wrk.Load> loads = new ArrayList<>();
        for (int i = 0; i < plan.rounds(); i++) {
            loads.add(wrk.run(serving.uri(), CONNECTIONS, plan.time()));
        }
        if (loads.stream().anyMatch(load -> load.failed() > 0)) {
            throw new IOException("Requests failed with " + to + " tags: " + loads);
        }
        Step step = new Step(
                to,
                (to - from) / seconds,
                coldSeconds,
                restartSeconds,
                Statistics.median(loads, Wrk.Load::perSecond),
                Statistics.median(loads, Wrk.Load::p99Millis),
                serving.program().usage().residentBytes(),
                precast.bytes(TopicCatalogue.IMAGES),
                precast.bytes(TopicCatalogue.VARIANTS),
                size(data),
                converterResident);
        precast.stop("serving");
        System.err.println(step);
        return step;
    }

    private static long size(Path directory) throws IOException {
        AtomicLong bytes = new AtomicLong();
        walk(directory, file -> bytes.addAndGet(Files.size(file)), folder -> {});
        return bytes.get();
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            walk(directory, Files::delete, Files::delete);
        }
    }

    private interface Visit {
        void at(Path path) throws IOException;
    }

    private static void walk(Path directory, Visit file, Visit folder) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                file.at(path);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path path, @org.jspecify.annotations.Nullable IOException failure)
                    throws IOException {
                folder.at(path);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
