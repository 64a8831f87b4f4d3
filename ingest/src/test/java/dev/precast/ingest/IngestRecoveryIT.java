package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import dev.precast.testkit.Fault;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Restarts, a registry that is away or lies, events without a tag, and a repository with too much to do. */
@ExtendWith(KafkaExtension.class)
class IngestRecoveryIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private SimpleMeterRegistry meters = new SimpleMeterRegistry();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void restart_writesNothingTwice_andVersionsGrowEvenIfTheClockIsBehind(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka)) {
            Digest first = put("restart/app", "v1", "first");
            try (IngestApp ingest = start(kafka, Clock.systemUTC(), Map.of())) {
                push(ingest, "restart/app", "v1", first);
                await().atMost(SOON).until(() -> table.root("restart/app:v1"), first.toString()::equals);
            }
            Clock behind = Clock.fixed(Instant.parse("2020-01-02T03:04:05Z"), ZoneOffset.UTC);
            try (IngestApp ingest = start(kafka, behind, Map.of())) {
                push(ingest, "restart/app", "v1", first);
                await().atMost(SOON).until(() -> resolved() >= 1);
                table.readToEnd();
                assertThat(table.versions("restart/app:v1")).hasSize(1);

                Digest second = put("restart/app", "v1", "second");
                push(ingest, "restart/app", "v1", second);
                await().atMost(SOON).until(() -> table.root("restart/app:v1"), second.toString()::equals);
                assertThat(table.versions("restart/app:v1"))
                        .hasSize(2)
                        .isSorted()
                        .doesNotHaveDuplicates();
            }
        }
    }

    /** Whenever it comes: what is not committed is read again, and asks the registry for what may be gone by then. */
    @Test
    void stop_commitsWhatIsFinished(KafkaConfig kafka) throws Exception {
        Digest first = put("stopped/app", "v1", "first");
        for (int i = 0; i < 5; i++) {
            try (IngestApp ingest = start(kafka, Clock.systemUTC(), Map.of())) {
                push(ingest, "stopped/app", "v1", first);
                await().atMost(SOON)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> resolved() >= 1 && gauge("precast.resolver.pending") == 0);
            }
            assertThat(uncommitted(kafka, "stopped/app")).isZero();
        }
    }

    @Test
    void registryThatOnlyFails_isLeftAlone_andNothingIsLost(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, Clock.systemUTC(), Map.of("registry.breaker.pause.max.ms", "500"))) {
            registry.chaos(() -> Optional.of(Fault.status(503)));
            Map<String, Digest> pushed = new HashMap<>();
            for (int i = 0; i < 50; i++) {
                Digest digest = put("away/r" + i % 5, "t" + i, "away " + i);
                push(ingest, "away/r" + i % 5, "t" + i, digest);
                pushed.put("away/r" + i % 5 + ":t" + i, digest);
            }
            await().atMost(SOON).until(() -> gauge("precast.upstream.breaker") == 2);
            assertThat(ingest.health().ready()).isTrue();
            assertThat(ingest.health().detail()).contains("left alone");

            registry.chaos(Optional::empty);
            pushed.forEach(
                    (key, digest) -> await(key).atMost(SOON).until(() -> table.root(key), digest.toString()::equals));
            await().atMost(SOON).until(() -> gauge("precast.upstream.breaker") == 0);
        }
    }

    @Test
    void answersThatAreNotTheRegistrysWord_deleteNothing(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, Clock.systemUTC(), Map.of("registry.breaker.failures", "1000000"))) {
            Digest digest = put("lies/app", "v1", "lies");
            push(ingest, "lies/app", "v1", digest);
            await().atMost(SOON).until(() -> table.root("lies/app:v1"), digest.toString()::equals);

            for (Fault lie : List.of(
                    Fault.html(404), Fault.status(404), Fault.status(401), Fault.status(403), Fault.status(500))) {
                double before = retries();
                registry.chaos(() -> Optional.of(lie));
                hint(kafka, "delete", "lies/app", "v1", null);
                await().atMost(SOON).until(() -> retries() >= before + 3);
            }
            // The tag alone is gone, but /v2/ does not answer: the second word does not count.
            registry.fail(
                    "/v2/",
                    IntStream.range(0, 10_000).mapToObj(i -> Fault.status(404)).toArray(Fault[]::new));
            registry.remove("lies/app", "v1");
            registry.chaos(Optional::empty);
            double before = retries();
            await().atMost(SOON).until(() -> retries() >= before + 3);
            assertThat(table.root("lies/app:v1")).isEqualTo(digest.toString());
            registry.manifest("lies/app", "v1", MediaTypes.SCHEMA2, Images.schema2(Images.config("lies")));
            push(ingest, "lies/app", "v1", digest);
            await().atMost(SOON).until(() -> gauge("precast.resolver.pending") == 0);
        }
    }

    @Test
    void delete_isConfirmed_whateverTheClockOnTheWallDoes(KafkaConfig kafka) throws Exception {
        Clock standing = Clock.fixed(Instant.parse("2030-01-02T03:04:05Z"), ZoneOffset.UTC);
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, standing, Map.of())) {
            Digest digest = put("standing/app", "v1", "standing");
            push(ingest, "standing/app", "v1", digest);
            await().atMost(SOON).until(() -> table.root("standing/app:v1"), digest.toString()::equals);

            registry.remove("standing/app", "v1");
            hint(kafka, "delete", "standing/app", "v1", null);
            await().atMost(SOON).until(() -> table.root("standing/app:v1"), "gone"::equals);
        }
    }

    @Test
    void deleteByDigest_andOfARepository_reachTheTags(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(kafka, Clock.systemUTC(), Map.of())) {
            Digest one = put("tagless/app", "a", "one");
            put("tagless/app", "b", "one");
            Digest two = put("tagless/app", "c", "two");
            push(ingest, "tagless/app", "a", one);
            push(ingest, "tagless/app", "b", one);
            push(ingest, "tagless/app", "c", two);
            for (String tag : List.of("a", "b", "c")) {
                await().atMost(SOON)
                        .until(() -> !table.root("tagless/app:" + tag).equals("none"));
            }
            // A record is there to be read a moment before ingest knows it, and a delete by digest is of what it knows.
            await().atMost(SOON).until(() -> gauge("precast.resolver.pending") == 0);

            registry.remove("tagless/app", "a");
            registry.remove("tagless/app", "b");
            hint(kafka, "delete", "tagless/app", null, one);
            await().atMost(SOON).until(() -> table.root("tagless/app:a"), "gone"::equals);
            await().atMost(SOON).until(() -> table.root("tagless/app:b"), "gone"::equals);
            assertThat(table.root("tagless/app:c")).isEqualTo(two.toString());

            registry.remove("tagless/app", "c");
            hint(kafka, "delete", "tagless/app", null, null);
            await().atMost(SOON).until(() -> table.root("tagless/app:c"), "gone"::equals);

            Digest listed = put("tagless/new", "v1", "three");
            hint(kafka, "push", "tagless/new", null, listed);
            await().atMost(SOON).until(() -> table.root("tagless/new:v1"), listed.toString()::equals);
        }
    }

    @Test
    void busyRepository_doesNotStarveAnother(KafkaConfig kafka) throws Exception {
        try (ImageTable table = new ImageTable(kafka);
                IngestApp ingest = start(
                        kafka,
                        Clock.systemUTC(),
                        Map.of("registry.concurrency", "2", "registry.timeout.ms", "30000"))) {
            int busy = 150;
            // Before any of it is read: the first two readings wait for their answers, and the others for them.
            CountDownLatch released = registry.hold();
            for (int i = 0; i < busy; i++) {
                put("busy/hot", "t" + i, "hot " + i);
            }
            try (Hints hints = new Hints(kafka)) {
                for (int i = 0; i < busy; i++) {
                    hints.send("push", "busy/hot", "t" + i, null);
                }
                Digest cold = put("busy/cold", "v1", "cold");
                hints.send("push", "busy/cold", "v1", cold);
                await().atMost(SOON).until(() -> gauge("precast.resolver.pending") > busy);
                assertThat(ingest.health().live()).isTrue();
                int before = registry.requests().size();
                released.countDown();
                await().atMost(SOON).until(() -> table.root("busy/cold:v1"), cold.toString()::equals);
                long hot = registry.requests().stream()
                        .skip(before)
                        .takeWhile(request -> !request.path().startsWith("/v2/busy/cold/"))
                        .filter(request -> request.path().startsWith("/v2/busy/hot/"))
                        .count();
                // Two for each of its tags if it went first; four in turn, and more while a thread gets no processor.
                assertThat(hot).as("requests for the busy one before").isLessThan(busy / 3);
                await().atMost(SOON).until(() -> gauge("precast.resolver.pending") == 0);
            }
        }
    }

    private IngestApp start(KafkaConfig kafka, Clock clock, Map<String, String> more) {
        meters = new SimpleMeterRegistry();
        Map<String, String> values = new HashMap<>(Map.of(
                "registry.url", registry.url().toString(),
                "registry.timeout.ms", "2000",
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", "10000",
                "sweep.enabled", "false",
                "resolver.reread.delays", "0,10",
                "resolver.retry.min.ms", "20",
                "resolver.retry.max.ms", "200",
                "resolver.delete.confirm.ms", "200",
                // What one method leaves in the topic is not there any more for the next, whose registry is another.
                "resolver.delete.guard.percent", "100"));
        values.putAll(more);
        IngestApp ingest = new IngestApp(IngestConfig.from(values), kafka, clock, meters);
        ingest.start();
        return ingest;
    }

    private Digest put(String repository, String tag, String name) {
        byte[] config = Images.config(name);
        registry.blob(repository, config);
        return registry.manifest(repository, tag, MediaTypes.SCHEMA2, Images.schema2(config));
    }

    private static void push(IngestApp ingest, String repository, String tag, Digest digest) throws Exception {
        assertThat(new Events(ingest.eventsAddress()).push(repository, tag, digest))
                .isEqualTo(200);
    }

    private static void hint(
            KafkaConfig kafka, String action, String repository, @Nullable String tag, @Nullable Digest digest)
            throws Exception {
        try (Hints hints = new Hints(kafka)) {
            hints.send(action, repository, tag, digest);
        }
    }

    /** Hints of the repository's partition that the next process reads first. */
    private static long uncommitted(KafkaConfig kafka, String repository) throws Exception {
        TopicPartition partition = new TopicPartition(
                TopicCatalogue.HINTS.name(), TopicCatalogue.partition(repository, kafka.partitions()));
        try (Admin admin = Admin.create(kafka.clientProperties("test-offsets"))) {
            long end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
            OffsetAndMetadata committed = admin.listConsumerGroupOffsets(ResolverState.GROUP)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(partition);
            return committed == null ? end : end - committed.offset();
        }
    }

    private long resolved() {
        return meters.find("precast.event.age").tag("stage", "resolve").timers().stream()
                .mapToLong(io.micrometer.core.instrument.Timer::count)
                .sum();
    }

    private double retries() {
        return meters.find("precast.resolver.retries").counters().stream()
                .mapToDouble(io.micrometer.core.instrument.Counter::count)
                .sum();
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }

    /** Writes hints of every kind into the topic. */
    private static final class Hints implements AutoCloseable {
        private final KafkaProducer<String, Hint> producer;
        private final int partitions;

        Hints(KafkaConfig kafka) {
            producer = new KafkaProducer<>(
                    kafka.producerProperties("test-hints"),
                    new StringSerializer(),
                    TopicCatalogue.HINTS.valueSerde().serializer());
            partitions = producer.partitionsFor(TopicCatalogue.HINTS.name()).size();
        }

        void send(String action, String repository, @Nullable String tag, @Nullable Digest digest) {
            Hint hint = new Hint("test", action, repository, tag, digest, "id", Instant.now());
            var unused = producer.send(new ProducerRecord<>(
                    TopicCatalogue.HINTS.name(), TopicCatalogue.partition(repository, partitions), repository, hint));
        }

        @Override
        public void close() {
            producer.close();
        }
    }
}
