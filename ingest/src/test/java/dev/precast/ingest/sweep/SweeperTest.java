package dev.precast.ingest.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.ingest.Images;
import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.registry.Breaker;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.ingest.registry.RequestWatch;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Hint;
import dev.precast.schemas.record.ResolverState;
import dev.precast.testkit.Fault;
import dev.precast.testkit.ScriptedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SweeperTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int PARTITIONS = 8;
    /** More than any list is asked for. */
    private static final int ALWAYS = 100;

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final KnownTags known = new KnownTags(PARTITIONS);
    private final MemorySink sink = new MemorySink();
    private final List<Sweeper> sweepers = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger finished = new AtomicInteger();

    @BeforeEach
    void fill() {
        byte[] manifest = Images.schema2(Images.config("one"));
        for (String repository : List.of("library/a", "library/b", "library/c")) {
            registry.manifest(repository, "v1", MediaTypes.SCHEMA2, manifest);
        }
    }

    @AfterEach
    void close() {
        sweepers.forEach(Sweeper::close);
        executor.shutdownNow();
        registry.close();
    }

    @Test
    void listsThatCannotBeRead_areCounted_andTheSweepIsNotCompleted() {
        Sweeper sweeper = start(Map.of("sweep.enabled", "false"));
        registry.fail("/v2/library/b/tags/list", always(Fault.status(500)));
        later(Duration.ofSeconds(100));

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);

        assertThat(unread(sweeper)).isEqualTo(1);
        assertThat(age()).isEqualTo(100);
        assertThat(sink.tags()).containsExactlyInAnyOrder("library/a:v1", "library/c:v1");
    }

    @Test
    void catalogThatCannotBeRead_isOneListOfAllPartitions() {
        Sweeper sweeper = start(Map.of("sweep.enabled", "false"));
        Fault[] six = Collections.nCopies(6, Fault.status(500)).toArray(Fault[]::new);
        registry.fail("/v2/_catalog", six);
        later(Duration.ofSeconds(100));

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);
        assertThat(unread(sweeper)).isEqualTo(1);
        assertThat(age()).isEqualTo(100);

        askForEverything(sweeper, 2);
        await().atMost(SOON).until(() -> finished.get() == 2 * PARTITIONS);
        assertThat(unread(sweeper)).isZero();
        assertThat(age()).isZero();
    }

    @Test
    void catalogThatNobodyMayRead_isNoListThatIsMissed_whereRepositoriesAreListed() {
        Sweeper sweeper = start(Map.of("sweep.enabled", "false", "sweep.repositories", "library/a"));
        registry.fail("/v2/_catalog", always(Fault.status(403)));

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);

        assertThat(unread(sweeper)).isZero();
        assertThat(sink.tags()).containsExactly("library/a:v1");
    }

    @Test
    void backgroundSweep_thatCouldNotReadAll_isRepeatedSoon() {
        start(Map.of("sweep.interval.ms", "86400000", "registry.breaker.failures", "1000000"));
        registry.fail(
                "/v2/library/b/tags/list",
                Collections.nCopies(12, Fault.status(500)).toArray(Fault[]::new));
        await().atMost(SOON).until(() -> sink.tags().size() == 2 && lists("library/b") == 12);

        await().atMost(SOON).until(() -> {
            later(Duration.ofSeconds(31)); // Again and again: the sweep may not have ended yet.
            return sink.tags().contains("library/b:v1");
        });
    }

    @Test
    void requestedSweep_isServed_whileTheBackgroundWaitsForRoom() {
        sink.pending.set(501);
        Sweeper sweeper = start(Map.of("sweep.interval.ms", "86400000"));
        await().atMost(SOON).until(() -> lists("library/a") + lists("library/b") + lists("library/c") > 0);
        int before = registry.requests().size();

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> registry.requests().size() > before);
        sink.pending.set(0);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);
    }

    @Test
    void tagsThatAreNotKnown_andPages_keepToTheRate() {
        byte[] manifest = Images.schema2(Images.config("one"));
        for (int i = 0; i < 20; i++) {
            registry.manifest("library/many", "t" + i, MediaTypes.SCHEMA2, manifest);
        }
        Sweeper sweeper = start(Map.of("sweep.enabled", "false", "sweep.requested.rate", "100"));
        long begin = System.nanoTime();

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);

        // 23 tags for 2 each, 5 lists, of which the first does not wait.
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(500));
    }

    @Test
    void requestThatMeetsABug_isServedAgain() {
        sink.bugs.set(1);
        Sweeper sweeper = start(Map.of("sweep.enabled", "false"));

        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);
        assertThat(sink.bugs.get()).isNegative();
    }

    @Test
    void whatIsNewInARepositoryThatWasSwept_wasMissed_andTheRestIsBackfill() {
        Sweeper sweeper = start(Map.of("sweep.enabled", "false"));
        askForEverything(sweeper, 1);
        await().atMost(SOON).until(() -> finished.get() == PARTITIONS);
        assertThat(sink.hints).hasSize(3).extracting(Hint::action).containsOnly(Hint.LOOK);

        registry.manifest("library/a", "v2", MediaTypes.SCHEMA2, Images.schema2(Images.config("two")));
        askForEverything(sweeper, 2);
        await().atMost(SOON).until(() -> finished.get() == 2 * PARTITIONS);
        assertThat(sink.hints)
                .filteredOn(hint -> "v2".equals(hint.tag()))
                .extracting(Hint::action)
                .containsExactly("push");
    }

    private Sweeper start(Map<String, String> more) {
        Map<String, String> values = new HashMap<>(Map.of(
                "registry.url", registry.url().toString(),
                "registry.timeout.ms", "2000",
                "sweep.rate", "200"));
        values.putAll(more);
        IngestConfig config = IngestConfig.from(values);
        Sweeper sweeper = new Sweeper(
                config.sweep(),
                new RegistryClient(
                        config.registry(),
                        Clock.systemUTC(),
                        executor,
                        new Breaker(config.registry().breaker(), System::nanoTime, () -> 0),
                        RequestWatch.NOBODY),
                known,
                () -> IntStream.range(0, PARTITIONS).boxed().collect(Collectors.toSet()),
                sink,
                new SweepMetrics(meters),
                Clock.systemUTC(),
                nanos::get,
                new NoJitter());
        sweepers.add(sweeper);
        executor.execute(sweeper);
        return sweeper;
    }

    /** As {@code precast sync} does: once for each partition. */
    private void askForEverything(Sweeper sweeper, long offset) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            sweeper.request(new SweepRequest(partition, offset, Optional.empty(), finished::incrementAndGet));
        }
    }

    private void later(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private static int unread(Sweeper sweeper) {
        return IntStream.range(0, PARTITIONS)
                .mapToObj(sweeper::progress)
                .flatMap(Optional::stream)
                .mapToInt(ResolverState.Sweep::unread)
                .sum();
    }

    private double age() {
        return meters.get("precast.sweep.age").gauge().value();
    }

    private long lists(String repository) {
        return registry.requests().stream()
                .filter(request -> request.path().equals("/v2/" + repository + "/tags/list"))
                .count();
    }

    private static Fault[] always(Fault fault) {
        return Collections.nCopies(ALWAYS, fault).toArray(Fault[]::new);
    }

    /** Repeats at once. */
    private static final class NoJitter extends Random {
        private static final long serialVersionUID = 1L;

        @Override
        public double nextDouble() {
            return 0;
        }
    }

    /** Keeps hints in memory. */
    private static final class MemorySink implements HintSink {
        private final List<Hint> hints = new CopyOnWriteArrayList<>();
        private final AtomicInteger pending = new AtomicInteger();
        private final AtomicInteger bugs = new AtomicInteger();

        @Override
        public void append(List<Hint> more) {
            if (bugs.getAndDecrement() > 0) {
                throw new IllegalStateException("a bug");
            }
            hints.addAll(more);
        }

        @Override
        public int pending() {
            return pending.get();
        }

        Set<String> tags() {
            return hints.stream()
                    .map(hint -> hint.repository() + ":" + hint.tag())
                    .collect(Collectors.toSet());
        }
    }
}
