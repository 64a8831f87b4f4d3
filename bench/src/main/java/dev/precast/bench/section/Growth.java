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
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What more tags cost: converting them, holding them, starting with them, and serving one of them. The largest step takes as long as
 * all others and can be run alone: what was measured is kept in a file, and the page is made from all that is in it.
 */
public final class Growth implements Section {
    private static final int ANY_CORE = -1;
    private static final int CONNECTIONS = 16;

    private final boolean largest;

    private Growth(boolean largest) {
        this.largest = largest;
    }

    /** Every number of tags but the largest. */
    public static Growth small() {
        return new Growth(false);
    }

    /** The largest number of tags. */
    public static Growth largest() {
        return new Growth(true);
    }

    @Override
    public String name() {
        return largest ? "growth-largest" : "growth-small";
    }

    @Override
    public String page() {
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
            long stateBytes,
            long converterResident) {
        String line() {
            return Stream.of(
                            tags,
                            converted,
                            coldSeconds,
                            restartSeconds,
                            perSecond,
                            p99,
                            resident,
                            imageBytes,
                            variantBytes,
                            viewBytes,
                            stateBytes,
                            converterResident)
                    .map(String::valueOf)
                    .collect(Collectors.joining(","));
        }

        static Step parse(String line) {
            String[] values = line.split(",", -1);
            return new Step(
                    Integer.parseInt(values[0]),
                    Double.parseDouble(values[1]),
                    Double.parseDouble(values[2]),
                    Double.parseDouble(values[3]),
                    Double.parseDouble(values[4]),
                    Double.parseDouble(values[5]),
                    Long.parseLong(values[6]),
                    Long.parseLong(values[7]),
                    Long.parseLong(values[8]),
                    Long.parseLong(values[9]),
                    Long.parseLong(values[10]),
                    Long.parseLong(values[11]));
        }
    }

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        Path file = Files.createDirectories(plan.output()).resolve("growth.csv");
        NavigableMap<Integer, Step> steps = new TreeMap<>();
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().map(Step::parse).forEach(step -> steps.put(step.tags(), step));
        }
        int last = plan.growth().size() - 1;
        try (DockerRegistry registry = DockerRegistry.start();
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()))) {
            int done = 0;
            for (int tags : largest
                    ? plan.growth().subList(last, last + 1)
                    : plan.growth().subList(0, last)) {
                steps.put(tags, step(plan, work, precast, done, tags));
                done = tags;
                Files.write(file, steps.values().stream().map(Step::line).toList());
            }
        }
        show(List.copyOf(steps.values()), report);
    }

    private static void show(List<Step> steps, Report report) throws IOException {
        report.paragraph(
                "Image records of five layers, no two of them alike, are written to `precast-images`; then a converter starts and goes on until the last"
                        + " variant is in `precast-variants` (its start included), then serving starts, first without local state, then with it."
                        + " Converter and broker, or serving and `wrk`, share the cores. Each step adds to the one before; the largest is made from nothing.");
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
                List.of(
                        "tags",
                        "bytes a tag in `precast-images`",
                        "in `precast-variants`",
                        "in serving's view",
                        "in the converter's state"),
                steps.stream()
                        .map(step -> List.of(
                                number(step.tags()),
                                number((double) step.imageBytes() / step.tags()),
                                number((double) step.variantBytes() / step.tags()),
                                number((double) step.viewBytes() / step.tags()),
                                number((double) step.stateBytes() / step.tags())))
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

    private static Line line(String name, List<Step> steps, ToDoubleFunction<Step> value) {
        return new Line(
                name,
                steps.stream()
                        .map(step -> new Point(step.tags(), value.applyAsDouble(step)))
                        .toList());
    }

    private static Step step(Plan plan, Path work, PrecastSystem precast, int from, int to) throws Exception {
        TagSet all = new TagSet("many", number -> SizedImage.distinct(5, number), to);
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
        wrk.warmUp(serving.uri(), plan.time());
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
                size(work.resolve("converter")),
                converterResident);
        precast.stop("serving");
        Report.progress(step.toString());
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
            public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure) throws IOException {
                folder.at(path);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
