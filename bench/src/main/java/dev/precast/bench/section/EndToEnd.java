package dev.precast.bench.section;

import static dev.precast.bench.report.Report.megabytes;
import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.tool.Statistics;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.RandomImages;
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
import java.util.List;
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
        TagSet pushed = new TagSet("load", SizedImage.FIVE, plan.pushes() * 3);
        try (DockerRegistry registry = DockerRegistry.start();
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()))) {
            push(registry, pushed);
            PrecastSystem.Role converter = precast.start("converter");
            PrecastSystem.Role ingest = precast.start("ingest");
            PrecastSystem.Role serving = precast.start("serving");
            double[] fresh = freshness(plan, registry, ingest.uri(), serving.uri());
            long before = precast.written(TopicCatalogue.VARIANTS);
            double[] acks = new double[pushed.count()];
            long since = System.nanoTime();
            announce(pushed, ingest.uri(), acks);
            double events =
                    pushed.count() / precast.awaitWritten(TopicCatalogue.VARIANTS, before + 2L * pushed.count(), since);
            report.paragraph(
                    "Freshness is from the moment before an event is posted until a client that polls reads the new variant, one tag at"
                            + " a time, " + fresh.length
                            + " moves of a tag, registry, broker, ingest, converter, serving and the client on the same"
                            + " cores. At saturation, " + number(pushed.count())
                            + " tags that the registry holds are announced as fast as ingest"
                            + " takes it by " + SENDERS + " connections; each is read from the registry.");
            report.table(
                    List.of("", ""),
                    List.of(
                            List.of(
                                    "event posted → variant readable, p50",
                                    number(Statistics.percentile(50, fresh)) + " ms"),
                            List.of("p90", number(Statistics.percentile(90, fresh)) + " ms"),
                            List.of("p99", number(Statistics.percentile(99, fresh)) + " ms"),
                            List.of("most", number(Statistics.percentile(100, fresh)) + " ms"),
                            List.of("images per second from events, registry read each time", number(events)),
                            List.of(
                                    "acknowledgement of an event at saturation, p50",
                                    number(Statistics.percentile(50, acks)) + " ms"),
                            List.of("p99", number(Statistics.percentile(99, acks)) + " ms")));
            report.table(
                    List.of("process", "memory after that"),
                    List.of(
                            List.of("broker", megabytes(precast.brokerUsage().residentBytes())),
                            List.of("ingest", megabytes(ingest.program().usage().residentBytes())),
                            List.of(
                                    "converter",
                                    megabytes(converter.program().usage().residentBytes())),
                            List.of(
                                    "serving",
                                    megabytes(serving.program().usage().residentBytes()))));
        }
    }

    /** Pushes every tag; the blobs once for each repository. */
    static void push(DockerRegistry registry, TagSet tags) throws IOException, InterruptedException {
        for (int i = 0; i < tags.count(); i++) {
            if (i % 100 == 0) {
                tags.image().pushTo(registry, tags.repository(i), tags.tag(i));
            } else {
                registry.pushManifest(
                        tags.repository(i),
                        tags.tag(i),
                        tags.image().manifest().mediaType(),
                        tags.image().manifest().bytes());
            }
        }
    }

    private double[] freshness(Plan plan, DockerRegistry registry, URI events, URI serving)
            throws IOException, InterruptedException {
        String repository = "fresh/app";
        RandomImages.layers().subList(0, 5).forEach(layer -> pushLayer(registry, repository, layer.bytes()));
        double[] millis = new double[plan.pushes()];
        int warmUp = Math.min(100, plan.pushes());
        for (int i = -warmUp; i < millis.length; i++) {
            SizedImage image = SizedImage.of(5, 1 + i + warmUp);
            image.pushTo(registry, repository, "latest");
            long posted = System.nanoTime();
            post(events, repository, "latest", image.manifest().digest().toString());
            awaitServed(serving, repository, image.manifest().digest().toString());
            if (i >= 0) {
                millis[i] = (System.nanoTime() - posted) / 1e6;
            }
        }
        return millis;
    }

    private static void pushLayer(DockerRegistry registry, String repository, byte[] bytes) {
        try {
            registry.pushBlob(repository, bytes);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while pushing a layer.", e);
        }
    }

    private void awaitServed(URI serving, String repository, String from) throws IOException, InterruptedException {
        URI uri = serving.resolve("/v2/" + repository + "/manifests/latest");
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
                            tags.image().manifest().digest().toString());
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
