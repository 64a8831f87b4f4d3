package dev.precast.bench.section;

import static dev.precast.bench.report.Report.megabytes;
import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.server.PrecastSystem.Role;
import dev.precast.bench.tool.ProcessUsage;
import dev.precast.bench.tool.Statistics;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** From the event to the variant that a client can read, with the real registry, Kafka and all roles on this machine. */
public final class EndToEnd implements Section {
    private static final int SENDERS = 16;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Override
    public String name() {
        return "end-to-end";
    }

    @Override
    public String title() {
        return "From the event to the client";
    }

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        TagSet pushed = new TagSet("load", SizedImage.FIVE, plan.pushes() * 8);
        TagSet rehearsal = new TagSet("rehearsal", SizedImage.FIVE, plan.pushes() * 4);
        try (DockerRegistry registry = DockerRegistry.start();
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()))) {
            push(registry, rehearsal);
            push(registry, pushed);
            Report.progress(number(pushed.count()) + " tags are pushed");
            List<Role> roles = List.of(
                    precast.start("converter"),
                    precast.start("ingest", "--set", "sweep.enabled=false"),
                    precast.start("serving"));
            URI events = roles.get(1).uri();
            URI serving = roles.get(2).uri();
            double[] fresh = freshness(plan, registry, events, serving);
            Report.progress("freshness is measured");
            double[] acks = new double[pushed.count()];
            Map<String, ProcessUsage> processes = processes(registry, precast, roles);
            // What runs for weeks is compiled: images from records come first, and some from events before those that
            // count.
            TagSet recorded = new TagSet("recorded", SizedImage.FIVE, plan.tags());
            Saturated fromRecords =
                    saturated(precast, serving, processes, recorded, () -> precast.sendImages(recorded.records(1)));
            Report.progress(number(fromRecords.perSecond()) + " images/s from records");
            saturated(
                    precast,
                    serving,
                    processes,
                    rehearsal,
                    () -> announce(rehearsal, events, new double[rehearsal.count()]));
            Saturated fromEvents = saturated(precast, serving, processes, pushed, () -> announce(pushed, events, acks));
            Report.progress(number(fromEvents.perSecond()) + " images/s from events");
            report.paragraph(
                    "Freshness is from the moment before an event is posted until a client that polls reads the new variant, one tag at"
                            + " a time, " + fresh.length
                            + " moves of a tag, registry, broker, ingest, converter, serving and the client on the same"
                            + " cores. At saturation, "
                            + number(recorded.count())
                            + " image records are written to `precast-images` at once; then " + number(pushed.count())
                            + " tags that the registry holds are announced, after "
                            + number(rehearsal.count()) + " others to warm up, as fast as ingest"
                            + " takes it by " + SENDERS + " connections, and each is read from the registry. Both times"
                            + " everything runs, and the time ends"
                            + " when the last variant is written and a client has read the last tag.");
            report.table(
                    List.of("", ""),
                    List.of(
                            row("event posted → variant readable, p50", millis(50, fresh)),
                            row("p90", millis(90, fresh)),
                            row("p99", millis(99, fresh)),
                            row("most", millis(100, fresh)),
                            row(
                                    "images per second from events, registry read each time",
                                    number(fromEvents.perSecond())),
                            row("acknowledgement of an event at saturation, p50", millis(50, acks)),
                            row("p99", millis(99, acks)),
                            row(
                                    "images per second from records in `precast-images`",
                                    number(fromRecords.perSecond()))));
            report.table(
                    List.of("process", "CPU ms an image, from events", "from records", "memory after that"),
                    rows(processes, fromEvents, fromRecords));
        }
    }

    private static List<String> row(String name, String value) {
        return List.of(name, value);
    }

    private static String millis(int percent, double[] values) {
        return number(Statistics.percentile(percent, values)) + " ms";
    }

    private static Map<String, ProcessUsage> processes(
            DockerRegistry registry, PrecastSystem precast, List<Role> roles) {
        Map<String, ProcessUsage> processes = new LinkedHashMap<>();
        processes.put("registry", new ProcessUsage(List.of(registry.pid())));
        processes.put("broker", precast.brokerUsage());
        processes.put("converter", roles.get(0).program().usage());
        processes.put("ingest", roles.get(1).program().usage());
        processes.put("serving", roles.get(2).program().usage());
        processes.put(
                "this program", new ProcessUsage(List.of(ProcessHandle.current().pid())));
        return processes;
    }

    private static List<List<String>> rows(
            Map<String, ProcessUsage> processes, Saturated fromEvents, Saturated fromRecords) {
        List<List<String>> rows = new ArrayList<>();
        processes.forEach((name, usage) -> {
            boolean own = name.equals("this program"); // With everything that it started.
            rows.add(List.of(
                    name,
                    number(fromEvents.cpuMillis().getOrDefault(name, 0.0)),
                    number(fromRecords.cpuMillis().getOrDefault(name, 0.0)),
                    own ? "" : megabytes(usage.residentBytes())));
        });
        return rows;
    }

    /** @param cpuMillis an image, of each process */
    private record Saturated(double perSecond, Map<String, Double> cpuMillis) {}

    private static Map<String, Double> cpuSeconds(Map<String, ProcessUsage> processes) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        processes.forEach((name, usage) -> seconds.put(name, usage.cpuSeconds()));
        // Processes count their children.
        seconds.computeIfPresent(
                "this program",
                (name, all) -> all
                        - seconds.entrySet().stream()
                                .filter(one -> !one.getKey().equals(name))
                                .mapToDouble(Map.Entry::getValue)
                                .sum());
        return seconds;
    }

    private interface Cause {
        void set() throws InterruptedException, ExecutionException;
    }

    /** From the cause to the last tag read by a client. */
    private Saturated saturated(
            PrecastSystem precast, URI serving, Map<String, ProcessUsage> processes, TagSet tags, Cause cause)
            throws IOException, InterruptedException, ExecutionException {
        long before = precast.written(TopicCatalogue.VARIANTS);
        Map<String, Double> used = cpuSeconds(processes);
        long since = System.nanoTime();
        cause.set();
        precast.awaitWritten(TopicCatalogue.VARIANTS, before + 2L * tags.count(), since);
        int last = tags.count() - 1;
        awaitServed(
                serving.resolve("/v2/" + tags.repository(last) + "/manifests/" + tags.tag(last)),
                tags.image(last).manifest().digest().toString());
        double perSecond = tags.count() / ((System.nanoTime() - since) / 1e9);
        Map<String, Double> millis = cpuSeconds(processes);
        millis.replaceAll((name, seconds) -> (seconds - used.getOrDefault(name, 0.0)) * 1000 / tags.count());
        return new Saturated(perSecond, millis);
    }

    /** Pushes every tag; the blobs once for each repository. */
    static void push(DockerRegistry registry, TagSet tags) throws IOException, InterruptedException {
        for (int i = 0; i < tags.count(); i++) {
            if (i % 100 == 0) {
                tags.image(i).pushTo(registry, tags.repository(i), tags.tag(i));
            } else {
                registry.pushManifest(
                        tags.repository(i),
                        tags.tag(i),
                        tags.image(i).manifest().mediaType(),
                        tags.image(i).manifest().bytes());
            }
        }
    }

    private double[] freshness(Plan plan, DockerRegistry registry, URI events, URI serving)
            throws IOException, InterruptedException {
        String repository = "fresh/app";
        URI tag = serving.resolve("/v2/" + repository + "/manifests/latest");
        double[] millis = new double[plan.pushes()];
        int warmUp = Math.min(100, plan.pushes());
        for (int i = -warmUp; i < millis.length; i++) {
            SizedImage image = SizedImage.of(5, 1 + i + warmUp);
            image.pushTo(registry, repository, "latest");
            long posted = System.nanoTime();
            post(events, repository, "latest", image.manifest().digest().toString());
            awaitServed(tag, image.manifest().digest().toString());
            if (i >= 0) {
                millis[i] = (System.nanoTime() - posted) / 1e6;
            }
        }
        return millis;
    }

    private void awaitServed(URI uri, String from) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < deadline) {
            HttpResponse<byte[]> answer = http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
            if (answer.headers()
                    .firstValue("Precast-Origin")
                    .filter(origin -> origin.endsWith(from))
                    .isPresent()) {
                return;
            }
            Thread.sleep(1);
        }
        throw new IOException(uri + " was not converted from " + from + " within a minute.");
    }

    private void announce(TagSet tags, URI events, double[] millis) throws InterruptedException, ExecutionException {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Future<?>> sent = new ArrayList<>();
            for (int i = 0; i < tags.count(); i++) {
                int number = i;
                sent.add(senders.submit(() -> {
                    long start = System.nanoTime();
                    post(
                            events,
                            tags.repository(number),
                            tags.tag(number),
                            tags.image(number).manifest().digest().toString());
                    millis[number] = (System.nanoTime() - start) / 1e6;
                    return null;
                }));
            }
            for (Future<?> one : sent) {
                one.get();
            }
        } finally {
            senders.shutdownNow();
        }
    }

    private void post(URI events, String repository, String tag, String digest)
            throws IOException, InterruptedException {
        String body = """
                {"repository":"%s","tag":"%s","digest":"%s","action":"push"}""".formatted(repository, tag, digest);
        int status = http.send(
                        HttpRequest.newBuilder(events.resolve("/events/generic"))
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
        if (status != 200) {
            throw new IOException("Ingest answered " + status + " to an event, expected 200.");
        }
    }
}
