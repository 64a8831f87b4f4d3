package dev.precast.ingest.sweep;

import dev.precast.ingest.SweepConfig;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.schemas.record.ResolverState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
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
public final class Sweeper implements Sweeps, Runnable, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    /** Events that arrive with the start come first. */
    private static final Duration START = Duration.ofSeconds(2);

    private static final Duration IDLE = Duration.ofSeconds(1);
    /** From the end of a sweep that could not read every list to the next; doubles, up to the interval. */
    private static final Duration RETRY = Duration.ofSeconds(30);

    private final SweepConfig config;
    private final KnownTags known;
    private final Supplier<Set<Integer>> partitions;
    private final RepositorySweep tags;
    private final SweepMetrics metrics;
    private final LongSupplier nanoTime;
    private final Random random;
    private final ExecutorService threads;
    private final LinkedBlockingQueue<SweepRequest> requests = new LinkedBlockingQueue<>();
    private final SweepProgress progress = new SweepProgress();
    /** When the last completed sweep began, or the process did; by {@link #nanoTime}. */
    private volatile long completed;
    /** When the next one is to begin. */
    private @Nullable Long next;
    /** Sweeps in a row that could not read every list. */
    private int incomplete;

    private Set<Integer> sweptOf = Set.of();

    /**
     * @param partitions those of the hints that are ours, and whose tags are known
     * @param clock for the times of hints
     * @param nanoTime a clock that only goes forward, for all else
     */
    public Sweeper(
            SweepConfig config,
            RegistryClient registry,
            KnownTags known,
            Supplier<Set<Integer>> partitions,
            HintSink sink,
            SweepMetrics metrics,
            Clock clock,
            LongSupplier nanoTime,
            Random random) {
        this.config = config;
        this.known = known;
        this.partitions = partitions;
        this.metrics = metrics;
        this.nanoTime = nanoTime;
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
        this.completed = nanoTime.getAsLong();
        metrics.age(() -> since(completed).toSeconds());
    }

    @Override
    public void request(SweepRequest request) {
        requests.add(request);
    }

    @Override
    public void resume(int partition, ResolverState.Sweep saved) {
        progress.resume(partition, saved);
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
                wait = IDLE;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | StackOverflowError e) {
                if (threads.isShutdown()) {
                    return;
                }
                LOG.error("A sweep ended with a bug; the next one begins in time", e);
                pause();
            }
        }
    }

    /** A request that meets a bug is there again at once. */
    private static void pause() {
        try {
            Thread.sleep(IDLE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        return next == null || more || nanoTime.getAsLong() - next >= 0;
    }

    private Duration since(long begin) {
        return Duration.ofNanos(nanoTime.getAsLong() - begin);
    }

    private void everything() throws InterruptedException {
        long start = nanoTime.getAsLong();
        next = start + config.interval().toNanos();
        Set<Integer> ours = partitions.get();
        sweptOf = ours;
        RateLimit rate = new RateLimit(config.rate());
        Names names = names(ours, rate);
        List<String> repositories = new ArrayList<>(names.repositories());
        Collections.shuffle(repositories, random);
        int unread = names.whole() ? 0 : 1;
        List<String> unlisted = new ArrayList<>();
        for (String repository : repositories) {
            if (isOurs(repository) && !tags.sweep(repository, rate, new Background())) {
                unlisted.add(repository);
            }
        }
        for (String repository : unlisted) { // Once more: the registry may have recovered.
            if (isOurs(repository) && !tags.sweep(repository, rate, new Background())) {
                unread++;
            }
        }
        end(start, unread);
        LOG.info(
                "Swept {} repositories in {} s; {} lists could not be read",
                repositories.size(),
                since(start).toSeconds(),
                unread);
    }

    private void end(long start, int unread) {
        if (unread == 0) {
            incomplete = 0;
            completed = start;
            return;
        }
        Duration pause = RETRY.multipliedBy(1L << Math.min(incomplete++, 20));
        Duration most = config.interval();
        next = nanoTime.getAsLong() + (pause.compareTo(most) < 0 ? pause : most).toNanos();
    }

    /**
     * What is to be swept.
     *
     * @param whole whether the catalog could be read, if there is one
     */
    private record Names(NavigableSet<String> repositories, boolean whole) {}

    /** All repositories of the partitions. */
    private Names names(Set<Integer> ours, RateLimit rate) throws InterruptedException {
        Optional<Set<String>> catalog =
                tags.catalog(rate, !config.repositories().isEmpty());
        NavigableSet<String> names = new TreeSet<>(catalog.orElse(Set.of()));
        names.addAll(config.repositories());
        names.addAll(known.repositories(ours::contains));
        names.removeIf(name -> !ours.contains(known.partition(name)));
        return new Names(names, catalog.isPresent());
    }

    /** Serves the request, and those that came meanwhile, in one go: a request for everything comes once for each partition. */
    private void serve(SweepRequest first) throws InterruptedException {
        List<SweepRequest> batch = new ArrayList<>(List.of(first));
        TimeUnit.MILLISECONDS.sleep(100);
        requests.drainTo(batch);
        try {
            serve(batch);
        } catch (RuntimeException e) {
            requests.addAll(batch); // Otherwise it would never be finished, and hold up the offset of its partition.
            throw e;
        }
    }

    private void serve(List<SweepRequest> batch) throws InterruptedException {
        long start = nanoTime.getAsLong();
        Map<Integer, Long> whole = batch.stream()
                .filter(request -> request.repository().isEmpty())
                .collect(Collectors.toMap(SweepRequest::partition, SweepRequest::offset, Math::max));
        RateLimit rate = new RateLimit(config.requestedRate());
        Names found = whole.isEmpty() ? new Names(new TreeSet<>(), true) : names(whole.keySet(), rate);
        NavigableSet<String> names = left(found.repositories(), batch, whole);
        Map<Integer, SweepProgress.Part> parts = announce(names, whole);
        int unread = 0;
        if (!found.whole()) {
            unread++;
            parts.values().iterator().next().unread(); // It is one list, whatever partition shows it.
        }
        for (String repository : names) {
            SweepProgress.Part part = parts.get(known.partition(repository));
            if (part != null && isOurs(repository)) {
                if (!tags.sweep(repository, rate, new Requested(part))
                        && !tags.sweep(repository, rate, new Background())) {
                    unread++;
                    part.unread();
                }
                part.done(repository);
            }
        }
        if (unread == 0 && whole.keySet().containsAll(partitions.get())) {
            completed = start;
        }
        parts.values().forEach(SweepProgress.Part::end);
        batch.forEach(request -> request.finish().run());
        LOG.info("Swept {} repositories on request; {} lists could not be read", names.size(), unread);
    }

    /** What is to be swept, in an order that another process can go on in; without what one before us has swept of it. */
    private NavigableSet<String> left(NavigableSet<String> all, List<SweepRequest> batch, Map<Integer, Long> whole) {
        NavigableSet<String> names = new TreeSet<>(all);
        names.removeIf(name -> {
            int partition = known.partition(name);
            return progress.doneUpTo(partition, whole.getOrDefault(partition, Long.MAX_VALUE))
                    .filter(last -> name.compareTo(last) <= 0)
                    .isPresent();
        });
        batch.forEach(request -> request.repository().ifPresent(names::add));
        return names;
    }

    private boolean isOurs(String repository) {
        return partitions.get().contains(known.partition(repository));
    }

    private Map<Integer, SweepProgress.Part> announce(Set<String> names, Map<Integer, Long> whole) {
        Map<Integer, List<String>> byPartition = names.stream().collect(Collectors.groupingBy(known::partition));
        whole.keySet().forEach(partition -> byPartition.putIfAbsent(partition, List.of()));
        Map<Integer, SweepProgress.Part> parts = new HashMap<>();
        byPartition.forEach((partition, its) -> {
            long knownTags =
                    its.stream().mapToLong(name -> known.tagsOf(name).size()).sum();
            parts.put(partition, progress.begin(partition, whole.get(partition), its.size(), knownTags));
        });
        return parts;
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
        private final SweepProgress.Part part;

        Requested(SweepProgress.Part part) {
            this.part = part;
        }

        @Override
        public void listed(int more) {
            part.listed(more);
        }

        @Override
        public void compared(boolean differs) {
            metrics.compared(differs);
            part.compared(differs);
        }

        @Override
        public void breath() {}
    }
}
