package dev.precast.ingest.resolver;

import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.known.ImageTableReader;
import dev.precast.ingest.known.KnownTags;
import dev.precast.ingest.metrics.IngestMetrics;
import dev.precast.ingest.registry.Breaker;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.ingest.sweep.SweepMetrics;
import dev.precast.ingest.sweep.Sweeper;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.ResolverState;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Pulse;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns hints into image records: one thread that takes hints, one that learns what is known already, one that sweeps, and a few
 * that read tags. Thread-safe.
 */
public final class Resolver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);
    private static final Duration STUCK = Duration.ofMinutes(2);

    private final TagQueue queue;
    private final ImageWriter writer;
    private final ImageTableReader table;
    private final DeleteGuard guard;
    private final Breaker breaker;
    private final Sweeper sweeper;
    private final HintLoop loop;
    private final Clock clock;
    private final Pulse pulse = new Pulse(System::nanoTime);
    /** Those without which nothing goes on, the one that takes hints first. */
    private final List<Thread> threads = new ArrayList<>();

    private volatile boolean closed;

    /** Connects; nothing is read before {@link #start}. */
    public Resolver(
            IngestConfig config,
            KafkaConfig kafka,
            RegistryClient registry,
            Breaker breaker,
            IngestMetrics metrics,
            SweepMetrics sweepMetrics,
            Clock clock) {
        this.clock = clock;
        this.breaker = breaker;
        this.queue = new TagQueue(
                Patience.of(config.resolver()),
                config.registry().concurrencyPerRepository(),
                () -> ThreadLocalRandom.current().nextDouble(),
                System::nanoTime);
        this.writer = new ImageWriter(kafka);
        KnownTags known = writer.known();
        this.guard = new DeleteGuard(config.resolver().guard(), known::size, clock, System::nanoTime);
        this.table = new ImageTableReader(kafka, known, ImageWriter::draft, writer::exceed, guard::forgotten);
        this.sweeper = new Sweeper(
                config.sweep(),
                registry,
                known,
                table::loaded,
                new DurableHints(writer, queue),
                sweepMetrics,
                clock,
                System::nanoTime,
                new Random());
        this.loop = new HintLoop(
                new KafkaConsumer<>(
                        consumerProperties(config, kafka), new StringDeserializer(), new ByteArrayDeserializer()),
                queue,
                new HintDispatch(queue, known, guard, sweeper),
                table,
                this::state,
                writer,
                clock,
                config.resolver().pendingMax());
        threads.add(thread(loop, "precast-resolver-hints"));
        threads.add(thread(table, "precast-resolver-table"));
        threads.add(thread(sweeper, "precast-sweep"));
        ImageReader reader = new ImageReader(registry, clock);
        for (int i = 1; i <= config.registry().concurrency(); i++) {
            threads.add(thread(
                    new TagWorker(queue, reader, registry::pass, writer, guard, metrics, clock, pulse),
                    "precast-resolver-" + i));
        }
        gauges(metrics);
    }

    private void gauges(IngestMetrics metrics) {
        metrics.gauge("precast.resolver.in.flight", "Tags being read now", queue::inFlight);
        metrics.gauge("precast.resolver.pending", "Tags whose newest hint is not finished", queue::pending);
        metrics.gauge("precast.resolver.lag", "Hints in the topic that were not taken yet", loop::lag);
        metrics.gauge(
                "precast.resolver.oldest.hint.seconds", "Age of the oldest hint that is not finished", this::oldest);
        metrics.gauge("precast.resolver.known.tags", "Tags with an image record", writer.known()::size);
        metrics.gauge(
                "precast.resolver.deletes.held",
                "Tags that the registry no longer has and that are kept until an operator says so",
                guard::held);
        metrics.gauge(
                "precast.upstream.breaker",
                "0: the registry is read; 2: it only failed and is left alone; 1: it is asked whether it works",
                () -> breaker.state().level());
    }

    private Number oldest() {
        return queue.oldest()
                .map(since -> Duration.between(since, clock.instant()).toMillis() / 1000.0)
                .orElse(0.0);
    }

    private ResolverState state(int partition) {
        KnownTags known = writer.known();
        return new ResolverState(
                known.size(partition),
                guard.held(tag -> known.partition(tag.repository()) == partition),
                breaker.state() != Breaker.State.CLOSED,
                sweeper.progress(partition).orElse(null));
    }

    public void start() {
        pulse.start();
        threads.forEach(Thread::start);
    }

    public Health health() {
        if (threads.stream().anyMatch(thread -> !thread.isAlive())) {
            return closed ? Health.notReady("stopping") : Health.dead("a resolver thread died; see the log");
        }
        if (loop.sinceLastPoll().compareTo(STUCK) > 0) {
            return Health.dead("the resolver has taken no hints for "
                    + loop.sinceLastPoll().toSeconds() + " s");
        }
        if (loop.assigned() == 0) {
            return Health.notReady("waiting for partitions of the hints");
        }
        return Health.ready(queue.pending() + " tags to read, " + queue.inFlight() + " being read" + trouble());
    }

    private String trouble() {
        StringBuilder text = new StringBuilder();
        String behind = Backlog.remark(queue.oldest(), clock.instant());
        if (!behind.isEmpty()) {
            text.append("; ").append(behind);
        }
        if (breaker.state() != Breaker.State.CLOSED) {
            text.append("; the registry only fails and is left alone for a while");
        }
        if (guard.held() > 0) {
            text.append("; ").append(guard.held()).append(" deletes are held: `precast sync --release-deletes`");
        }
        return text.toString();
    }

    /** Ends reading in the middle: what is unfinished is not committed and is read again at the next start. */
    @Override
    public void close() {
        closed = true;
        loop.stop();
        join(threads.get(0), Duration.ofSeconds(5));
        queue.drop(partition -> true);
        threads.forEach(Thread::interrupt);
        sweeper.close();
        threads.forEach(thread -> join(thread, Duration.ofSeconds(2)));
        writer.close();
        pulse.close();
    }

    private static Properties consumerProperties(IngestConfig config, KafkaConfig kafka) {
        Properties properties = kafka.consumerProperties("precast-ingest-resolver");
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, ResolverState.GROUP);
        // Who keeps a partition keeps what is known of it.
        properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        properties.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 3_000);
        properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        String instance = config.resolver().instanceId();
        if (!instance.isEmpty()) {
            properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, instance);
        }
        return properties;
    }

    private static Thread thread(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((died, e) -> LOG.error("The thread {} died", died.getName(), e));
        return thread;
    }

    private static void join(Thread thread, Duration within) {
        try {
            thread.join(within.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
