package dev.precast.bench.section;

import static dev.precast.bench.report.Report.number;

import dev.precast.bench.image.SizedImage;
import dev.precast.bench.image.TagSet;
import dev.precast.bench.report.Report;
import dev.precast.bench.server.Nginx;
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
import java.util.Map;
import java.util.stream.Stream;

/**
 * A cluster in small: three brokers with three replicas, two converters, two serving nodes. One of each kind is killed and comes
 * back; a batch of tags moves before each kill and after it. In the end every tag must be right on every node.
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
        TagSet tags = new TagSet("cluster", SizedImage.FIVE, plan.tags() / 25);
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
            for (int i = 0; i < tags.count(); i++) {
                awaitServed(left, tags, i, last);
                awaitServed(right, tags, i, last);
            }
            precast.stop("converter-a");
            precast.stop("converter-b");
            rows.addAll(shards(precast, work, tags, last));
            rows.add(List.of(
                    "wrong or missing in the end",
                    wrong(left.uri(), tags, last) + " of " + number(tags.count()) + " on one node, "
                            + wrong(right.uri(), tags, last) + " on the other"));
        }
        report.paragraph(
                "Three brokers (three replicas, two in sync), two converters, two serving nodes, all on this machine. A batch of "
                        + MOVES_IN_A_BATCH
                        + " tags moves; right after it one process is killed with `kill -9`, another batch moves, and the"
                        + " time is taken until the nodes that are up serve the last of it.");
        report.table(List.of("", ""), rows);
    }

    /** Two nodes with half of the repositories each, behind an nginx that knows nothing of repositories. */
    private List<List<String>> shards(PrecastSystem precast, Path work, TagSet tags, SizedImage image)
            throws IOException, InterruptedException {
        Role first = precast.startInstance("serving", "shard-1", "--set", "serving.shard=1/2");
        Role second = precast.startInstance("serving", "shard-2", "--set", "serving.shard=2/2");
        try (Nginx front = Nginx.inFrontOf(work.resolve("front"), Map.of("1/2", first.uri(), "2/2", second.uri()))) {
            return List.of(
                    List.of(
                            "right, asked of one of two shards",
                            number(tags.count() - wrong(first.uri(), tags, image)) + " of " + number(tags.count())
                                    + ", and of the other " + number(tags.count() - wrong(second.uri(), tags, image))),
                    List.of(
                            "wrong or missing, asked of nginx in front of both",
                            wrong(front.uri(), tags, image) + " of " + number(tags.count())));
        }
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
        Report.progress("a batch moves, and a process is killed");
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
        while (!served(node.uri(), tags, number, image)) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        tags.repository(number) + ":" + tags.tag(number) + " did not become right in 3 minutes.");
            }
            Thread.sleep(5);
        }
    }

    private int wrong(URI node, TagSet tags, SizedImage image) throws IOException, InterruptedException {
        int wrong = 0;
        for (int i = 0; i < tags.count(); i++) {
            wrong += served(node, tags, i, image) ? 0 : 1;
        }
        return wrong;
    }

    private boolean served(URI node, TagSet tags, int number, SizedImage image)
            throws IOException, InterruptedException {
        URI uri = node.resolve("/v2/" + tags.repository(number) + "/manifests/" + tags.tag(number));
        String from = image.manifest().digest().toString();
        return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding())
                .headers()
                .firstValue("Precast-Origin")
                .filter(origin -> origin.endsWith(from))
                .isPresent();
    }
}
