package dev.precast.bench.section;

import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.PrecastSystem;
import dev.precast.bench.server.PrecastSystem.Role;
import dev.precast.bench.server.ThreeBrokers;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A cluster in small: three brokers with three replicas, two converters, two serving nodes. Tags move all the time, while one of
 * each kind is killed and comes back. In the end every tag must be right on every node.
 */
public final class Cluster implements Section {
    private static final int MOVES_IN_A_BATCH = 200;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private long version = 1;

    @Override
    public String name() {
        return "cluster";
    }

    @Override
    public String title() {
        return "A cluster in small, with one of each kind killed";
    }

    @Override
    public void run(Plan plan, Path work, Report report) throws Exception {
        TagSet tags = new TagSet("cluster", SizedImage.FIVE, plan.tags() / 5);
        List<List<String>> rows = new ArrayList<>();
        try (DockerRegistry registry = DockerRegistry.start();
                ThreeBrokers brokers = ThreeBrokers.start(work.resolve("brokers"));
                PrecastSystem precast = PrecastSystem.start(
                        plan.home(), work, registry.uri(), SigningKey.generateEc(new SecureRandom()), brokers, 3)) {
            startConverter(precast, "a");
            startConverter(precast, "b");
            Role left = startServing(precast, "a");
            Role right = startServing(precast, "b");
            long since = System.nanoTime();
            precast.sendImages(tags.records(version));
            double seconds = precast.awaitWritten(TopicCatalogue.VARIANTS, 2L * tags.count(), since);
            rows.add(List.of("all up", number(tags.count() / seconds) + " images/s, three replicas each"));
            rows.add(List.of("a converter killed", recovery(precast, tags, List.of(left, right), () -> {
                precast.kill("converter-b");
            })));
            startConverter(precast, "b");
            rows.add(List.of("a broker killed", recovery(precast, tags, List.of(left, right), () -> brokers.kill(0))));
            brokers.restart(0);
            rows.add(List.of("a serving node killed", recovery(precast, tags, List.of(left), () -> {
                precast.kill("serving-b");
            })));
            right = startServing(precast, "b");
            SizedImage last = move(precast, tags, 0, tags.count());
            awaitServed(left, tags, tags.count() - 1, last);
            awaitServed(right, tags, tags.count() - 1, last);
            rows.add(List.of(
                    "wrong or missing in the end",
                    wrong(left, tags, last) + " of " + number(tags.count()) + " on one node, "
                            + wrong(right, tags, last) + " on the other"));
        }
        report.paragraph(
                "Three brokers (three replicas, two in sync), two converters, two serving nodes, all on this machine. A batch of "
                        + MOVES_IN_A_BATCH
                        + " tags moves; right after it one process is killed with `kill -9`, another batch moves, and the"
                        + " time is taken until the nodes that are up serve the last of it.");
        report.table(List.of("", ""), rows);
    }

    private static void startConverter(PrecastSystem precast, String name) throws IOException, InterruptedException {
        precast.startInstance("converter", "converter-" + name, "--set", "converter.instance.id=" + name);
    }

    private static Role startServing(PrecastSystem precast, String name) throws IOException, InterruptedException {
        return precast.startInstance("serving", "serving-" + name);
    }

    private interface Blow {
        void strike() throws Exception;
    }

    private String recovery(PrecastSystem precast, TagSet tags, List<Role> nodes, Blow blow) throws Exception {
        move(precast, tags, 0, MOVES_IN_A_BATCH);
        blow.strike();
        long since = System.nanoTime();
        SizedImage last = move(precast, tags, 0, MOVES_IN_A_BATCH);
        for (Role node : nodes) {
            for (int i = 0; i < MOVES_IN_A_BATCH; i++) {
                awaitServed(node, tags, i, last);
            }
        }
        return "everything that moved is right after " + number((System.nanoTime() - since) / 1e9) + " s";
    }

    /** Moves the tags from {@code from} to before {@code to} to a new image, and gives it. */
    private SizedImage move(PrecastSystem precast, TagSet tags, int from, int to) {
        version++;
        SizedImage image = SizedImage.of(5, (int) version);
        precast.sendImages(Stream.iterate(from, i -> i < to, i -> i + 1)
                .map(i -> image.record(tags.repository(i), tags.tag(i), version)));
        return image;
    }

    private void awaitServed(Role node, TagSet tags, int number, SizedImage image)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + 180_000_000_000L;
        while (!served(node, tags, number, image)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        tags.repository(number) + ":" + tags.tag(number) + " did not become right in 3 minutes.");
            }
            Thread.sleep(5);
        }
    }

    private int wrong(Role node, TagSet tags, SizedImage image) throws IOException, InterruptedException {
        int wrong = 0;
        for (int i = 0; i < tags.count(); i++) {
            wrong += served(node, tags, i, image) ? 0 : 1;
        }
        return wrong;
    }

    private boolean served(Role node, TagSet tags, int number, SizedImage image)
            throws IOException, InterruptedException {
        URI uri = node.uri().resolve("/v2/" + tags.repository(number) + "/manifests/" + tags.tag(number));
        String from = image.manifest().digest().toString();
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .headers()
                .firstValue("Precast-Origin")
                .filter(origin -> origin.endsWith(from))
                .isPresent();
    }
}
