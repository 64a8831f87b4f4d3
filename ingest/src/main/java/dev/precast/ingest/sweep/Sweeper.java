package dev.precast.ingest.sweep;

import dev.precast.ingest.SweepConfig;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.schemas.record.ResolverState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps the repositories of the partitions that this process resolves: all the time and slowly, and at once where somebody asks
 * for it. So each repository is swept by one process, and by the one that will read what differs. One thread; {@link #request} and
 * {@link #progress} from any.
 */
public final class Sweeper implements Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    /** Events that arrive with the start come first. */
    private static final Duration START = Duration.ofSeconds(2);

    private static final Duration IDLE = Duration.ofSeconds(1);

    private final SweepConfig config;
    private final KnownTags known;
    private final Supplier<Set<Integer>> partitions;
    private final RepositorySweep tags;
    private final SweepMetrics metrics;
    private final Clock clock;
    private final Random random;
    private final ExecutorService threads;
    private final LinkedBlockingQueue<SweepRequest> requests = new LinkedBlockingQueue<>();
    private final SweepProgress progress = new SweepProgress();
    private volatile Instant completed;
    private @Nullable Instant begun;
    private Set<Integer> sweptOf = Set.of();

    /** @param partitions those of the hints that are ours, and whose tags are known */
    public Sweeper(
            SweepConfig config,
            RegistryClient registry,
            KnownTags known,
            Supplier<Set<Integer>> partitions,
            HintSink sink,
            SweepMetrics metrics,
            Clock clock,
            Random random) {
        this.config = config;
        this.known = known;
        this.partitions = partitions;
        this.metrics = metrics;
        this.clock = clock;
        this.random = random;
        this.threads = Executors.newFixedThreadPool(config.concurrency(), work -> {
            Thread thread = new Thread(work, "precast-sweep-check");
            thread.setDaemon(true);
            return thread;
        });
        this.tags = new RepositorySweep(
                registry,
                known,
                sink,
                threads,
                config.concurrency(),
                random,
                clock,
                () -> UUID.randomUUID().toString());
        this.completed = clock.instant();
        metrics.age(() -> Duration.between(completed, clock.instant()).toSeconds());
    }

    /** Asks for a sweep, which begins at once, or after those that were asked for before. */
    public void request(SweepRequest request) {
        requests.add(request);
    }

    /** How far the last requested sweep of the partition has come; absent when there was none. */
    public Optional<ResolverState.Sweep> progress(int partition) {
        return progress.of(partition);
    }

    @Override
    public void run() {
        Duration wait = START;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                step(requests.poll(wait.toMillis(), TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                if (threads.isShutdown()) {
                    return;
                }
                LOG.error("A sweep ended with a bug; the next one begins in time", e);
            }
            wait = IDLE;
        }
    }

    private void step(@Nullable SweepRequest asked) throws InterruptedException {
        if (asked != null) {
            serve(asked);
        } else if (due()) {
            everything();
        }
    }

    /** Ends what goes on in the middle; requests that are not done are done by the next process. */
    @Override
    public void close() {
        threads.shutdownNow();
    }

    private boolean due() {
        Set<Integer> ours = partitions.get();
        if (!config.enabled() || ours.isEmpty()) {
            return false;
        }
        boolean more = !sweptOf.containsAll(ours);
        return begun == null || more || !clock.instant().isBefore(begun.plus(config.interval()));
    }

    private void everything() throws InterruptedException {
        Instant start = clock.instant();
        begun = start;
        Set<Integer> ours = partitions.get();
        sweptOf = ours;
        RateLimit rate = new RateLimit(config.rate());
        List<String> repositories = repositories(ours, rate);
        List<String> unlisted = new ArrayList<>();
        for (String repository : repositories) {
            if (isOurs(repository) && !tags.sweep(repository, rate, new Background())) {
                unlisted.add(repository);
            }
        }
        for (String repository : unlisted) { // Once more: the registry may have recovered.
            if (isOurs(repository)) {
                tags.sweep(repository, rate, new Background());
            }
        }
        completed = start;
        LOG.info(
                "Swept {} repositories in {} s",
                repositories.size(),
                Duration.between(start, clock.instant()).toSeconds());
    }

    /** All repositories of the partitions, in random order. */
    private List<String> repositories(Set<Integer> ours, RateLimit rate) throws InterruptedException {
        Set<String> names = new HashSet<>(tags.catalog(rate));
        names.addAll(config.repositories());
        names.addAll(known.repositories(ours::contains));
        List<String> order = new ArrayList<>(names.stream()
                .filter(name -> ours.contains(known.partition(name)))
                .toList());
        Collections.shuffle(order, random);
        return order;
    }

    /** Serves the request, and those that came meanwhile, in one go: a request for everything comes once for each partition. */
    private void serve(SweepRequest first) throws InterruptedException {
        List<SweepRequest> batch = new ArrayList<>(List.of(first));
        TimeUnit.MILLISECONDS.sleep(100);
        requests.drainTo(batch);
        Instant start = clock.instant();
        Set<Integer> whole = batch.stream()
                .filter(request -> request.repository().isEmpty())
                .map(SweepRequest::partition)
                .collect(Collectors.toSet());
        RateLimit rate = new RateLimit(config.requestedRate());
        Set<String> names = new HashSet<>(whole.isEmpty() ? List.of() : repositories(whole, rate));
        batch.forEach(request -> request.repository().ifPresent(names::add));
        announce(names);
        for (String repository : names) {
            int partition = known.partition(repository);
            if (isOurs(repository) && !tags.sweep(repository, rate, new Requested(partition))) {
                tags.sweep(repository, rate, new Background());
            }
            progress.repositoryDone(partition);
        }
        if (whole.containsAll(partitions.get())) {
            completed = start;
        }
        progress.end(names.stream().map(known::partition).collect(Collectors.toSet()));
        batch.forEach(request -> request.finish().run());
        LOG.info("Swept {} repositories on request", names.size());
    }

    private boolean isOurs(String repository) {
        return partitions.get().contains(known.partition(repository));
    }

    private void announce(Set<String> names) {
        Map<Integer, Integer> repositories = new HashMap<>();
        Map<Integer, Integer> knownTags = new HashMap<>();
        for (String name : names) {
            repositories.merge(known.partition(name), 1, Integer::sum);
            knownTags.merge(known.partition(name), known.tagsOf(name).size(), Integer::sum);
        }
        progress.begin(repositories, knownTags);
    }

    /** Gives way to those who ask. */
    private final class Background implements RepositorySweep.Watch {
        @Override
        public void listed(int more) {}

        @Override
        public void compared(boolean differs) {
            metrics.compared(differs);
        }

        @Override
        public void breath() throws InterruptedException {
            SweepRequest request = requests.poll();
            if (request != null) {
                serve(request);
            }
        }
    }

    private final class Requested implements RepositorySweep.Watch {
        private final int partition;

        Requested(int partition) {
            this.partition = partition;
        }

        @Override
        public void listed(int more) {
            progress.listed(partition, more);
        }

        @Override
        public void compared(boolean differs) {
            metrics.compared(differs);
            progress.compared(partition, differs);
        }

        @Override
        public void breath() {}
    }
}
