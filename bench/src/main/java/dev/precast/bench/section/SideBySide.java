package dev.precast.bench.section;

import static dev.precast.bench.report.Report.megabytes;
import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.BareJetty;
import dev.precast.bench.server.Contender;
import dev.precast.bench.server.Nginx;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.tool.ProcessUsage;
import dev.precast.bench.tool.Program;
import dev.precast.bench.tool.Statistics;
import dev.precast.bench.tool.Wrk;
import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.jws.Verdict;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** The same image by tag, as an old client asks, from Distribution, nginx, a bare Jetty handler, and Precast with a full view. */
public final class SideBySide implements Section {
    private static final int[] CONNECTIONS = {1, 16, 64};
    private static final int ANY_CORE = -1;

    private final String layers;
    private final SizedImage image;

    private SideBySide(String layers, SizedImage image) {
        this.layers = layers;
        this.image = image;
    }

    /** What most images are. */
    public static SideBySide five() {
        return new SideBySide("five", SizedImage.FIVE);
    }

    /** With a config to fit. */
    public static SideBySide forty() {
        return new SideBySide("forty", SizedImage.FORTY);
    }

    @Override
    public String name() {
        return "serving-" + layers;
    }

    @Override
    public String title() {
        return "Serving beside the peers, " + layers + " layers";
    }

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        TagSet tags = new TagSet(layers, image, plan.tags());
        try (DockerRegistry distribution = DockerRegistry.start()) {
            image.pushTo(distribution, tags.repository(0), tags.tag(0));
            try (PrecastSystem precast = PrecastSystem.start(
                    plan.home(), work, distribution.uri(), SigningKey.generateEc(new SecureRandom()))) {
                precast.sendImages(tags.records(1));
                precast.start("converter");
                precast.awaitWritten(TopicCatalogue.VARIANTS, 2L * tags.count(), System.nanoTime());
                precast.stop("converter");
                Report.progress(number(tags.count()) + " tags are converted");
                PrecastSystem.Role serving = precast.start("serving");
                report.paragraph("`wrk -t1`, keep-alive, no `Accept` header. Precast's view holds "
                        + number(tags.count())
                        + " tags of the image, and requests go over all of them; the others serve one tag, and so does Precast in the"
                        + " row below. A second row of nginx has as many files, each a copy of the same bytes. Medians of "
                        + plan.rounds() + " alternating runs of "
                        + plan.time().toSeconds() + " s.");
                compare(plan, work, report, tags, distribution, serving);
            }
        }
    }

    private static void compare(
            Plan plan, Path work, Report report, TagSet set, DockerRegistry distribution, PrecastSystem.Role serving)
            throws Exception {
        List<String> one = set.paths().subList(0, 1);
        byte[] bytes = get(serving.uri().resolve(one.get(0)));
        Path file = Files.write(work.resolve(set.family() + ".json"), bytes);
        Path nginxDirectory = Files.createDirectories(work.resolve("nginx-" + set.family()));
        try (Nginx nginx = Nginx.start(nginxDirectory, set.paths(), bytes);
                Program jetty = jetty(work, one.get(0), file)) {
            int port = Integer.parseInt(jetty.await(Pattern.compile("READY (\\d+)"), Duration.ofSeconds(30))
                    .group(1));
            List<Contender> contenders = List.of(
                    new Contender(
                            "Distribution 2.8, on the fly",
                            distribution.uri(),
                            one,
                            new ProcessUsage(List.of(distribution.pid()))),
                    new Contender(
                            "nginx, one static file",
                            nginx.uri(),
                            one,
                            nginx.program().usage()),
                    new Contender(
                            "nginx, " + number(set.count()) + " static files",
                            nginx.uri(),
                            set.paths(),
                            nginx.program().usage()),
                    new Contender("bare Jetty, from a map", URI.create("http://127.0.0.1:" + port), one, jetty.usage()),
                    new Contender(
                            "**Precast**, " + number(set.count()) + " tags",
                            serving.uri(),
                            set.paths(),
                            serving.program().usage()),
                    new Contender(
                            "Precast, one tag",
                            serving.uri(),
                            one,
                            serving.program().usage()));
            for (Contender contender : contenders) {
                requireImage(contender);
            }
            report.paragraph("### " + number(bytes.length) + " bytes, any core");
            measure(plan, work, report, contenders, CONNECTIONS, ANY_CORE);
            if (Runtime.getRuntime().availableProcessors() > 1) {
                report.paragraph("### The server on one core and `wrk` on another");
                pin(contenders, "0");
                measure(plan, work, report, contenders, new int[] {16}, 1);
                pin(contenders, "0-" + (Runtime.getRuntime().availableProcessors() - 1));
            }
        }
    }

    private static Program jetty(Path work, String path, Path file) throws IOException {
        return Program.start(
                work.resolve("jetty.log"),
                List.of(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        BareJetty.class.getName(),
                        path,
                        file.toString()));
    }

    private static void pin(List<Contender> contenders, String cores) throws IOException, InterruptedException {
        for (Contender contender : contenders) {
            for (long pid : contender.usage().pids()) {
                Program.run(Duration.ofSeconds(10), List.of("taskset", "-a", "-c", "-p", cores, Long.toString(pid)));
            }
        }
    }

    /** One table: a row for each contender and number of connections. Runs alternate, so that a slow minute meets all. */
    private static void measure(
            Plan plan, Path work, Report report, List<Contender> contenders, int[] connections, int core)
            throws Exception {
        List<Wrk> generators = new ArrayList<>();
        for (Contender contender : contenders) {
            Wrk wrk = new Wrk(work, contender.paths(), core);
            generators.add(wrk);
            wrk.warmUp(contender.uri(), plan.time());
        }
        List<List<String>> rows = new ArrayList<>();
        for (int count : connections) {
            List<List<Sample>> samples = new ArrayList<>();
            contenders.forEach(contender -> samples.add(new ArrayList<>()));
            for (int round = 0; round < plan.rounds(); round++) {
                for (int i = 0; i < contenders.size(); i++) {
                    Sample sample = sample(contenders.get(i), generators.get(i), count, plan.time());
                    samples.get(i).add(sample);
                    Report.progress(contenders.get(i).name() + ", " + count + " connections: "
                            + number(sample.load().perSecond()) + "/s");
                }
            }
            double distribution =
                    Statistics.median(samples.get(0), sample -> sample.load().perSecond());
            double nginx =
                    Statistics.median(samples.get(1), sample -> sample.load().perSecond());
            for (int i = 0; i < contenders.size(); i++) {
                rows.add(row(count, contenders.get(i).name(), samples.get(i), distribution, nginx));
            }
        }
        report.table(
                List.of(
                        "connections",
                        "",
                        "requests/s",
                        "× Distribution",
                        "× nginx",
                        "p50 ms",
                        "p99 ms",
                        "p99.9 ms",
                        "CPU s per 1,000",
                        "memory",
                        "failed"),
                rows);
    }

    private record Sample(Wrk.Load load, double cpuPerThousand, long residentBytes) {}

    private static Sample sample(Contender contender, Wrk wrk, int connections, Duration time)
            throws IOException, InterruptedException {
        double before = contender.usage().cpuSeconds();
        Wrk.Load load = wrk.run(contender.uri(), connections, time);
        double used = contender.usage().cpuSeconds() - before;
        return new Sample(load, used * 1000 / load.requests(), contender.usage().residentBytes());
    }

    private static List<String> row(int connections, String name, List<Sample> samples, double base, double nginx) {
        double perSecond = Statistics.median(samples, sample -> sample.load().perSecond());
        return List.of(
                Integer.toString(connections),
                name,
                number(perSecond),
                number(perSecond / base),
                number(perSecond / nginx),
                number(Statistics.median(samples, sample -> sample.load().p50Millis())),
                number(Statistics.median(samples, sample -> sample.load().p99Millis())),
                number(Statistics.median(samples, sample -> sample.load().p999Millis())),
                number(Statistics.median(samples, Sample::cpuPerThousand)),
                megabytes(Math.round(Statistics.median(samples, Sample::residentBytes))),
                Long.toString(samples.stream()
                        .mapToLong(sample -> sample.load().failed())
                        .sum()));
    }

    /** A contender that answers something else would be compared with what it does not do. */
    private static void requireImage(Contender contender) throws IOException, InterruptedException {
        for (String path : List.of(
                contender.paths().get(0),
                contender.paths().get(contender.paths().size() - 1))) {
            if (ManifestVerifier.verify(get(contender.uri().resolve(path)), Set.of())
                            .verdict()
                    != Verdict.VALID_UNKNOWN_KEY) {
                throw new IOException(contender.name() + " does not answer " + path + " with a signed image.");
            }
        }
    }

    private static byte[] get(URI uri) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException(
                    "Cannot measure " + uri + ": found status " + answer.statusCode() + ", expected 200.");
        }
        return answer.body();
    }
}
