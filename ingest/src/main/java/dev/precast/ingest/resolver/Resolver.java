package dev.precast.ingest.resolver;

import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.metrics.IngestMetrics;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns hints into image records: one thread that takes hints, and a few that read tags. Thread-safe.
 */
public final class Resolver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);
    private static final String GROUP = "precast-resolver";
    private static final Duration STUCK = Duration.ofMinutes(2);

    private final TagQueue queue;
    private final ImageWriter writer;
    private final HintLoop loop;
    private final List<Thread> workers = new ArrayList<>();
    private final Thread poller;
    private volatile boolean closed;

    /** Connects; nothing is read before {@link #start}. */
    public Resolver(
            IngestConfig config, KafkaConfig kafka, RegistryClient registry, IngestMetrics metrics, Clock clock) {
        this.queue = new TagQueue(
                Patience.of(config.resolver()),
                config.registry().concurrencyPerRepository(),
                () -> ThreadLocalRandom.current().nextDouble());
        this.writer = new ImageWriter(kafka);
        this.loop = new HintLoop(
                new KafkaConsumer<>(
                        consumerProperties(config, kafka), new StringDeserializer(), new ByteArrayDeserializer()),
                queue,
                writer,
                clock,
                config.resolver().pendingMax());
        this.poller = thread(loop, "precast-resolver-hints");
        ImageReader reader = new ImageReader(registry, clock);
        for (int i = 1; i <= config.registry().concurrency(); i++) {
            workers.add(thread(new TagWorker(queue, reader, writer, metrics, clock), "precast-resolver-" + i));
        }
        metrics.resolverGauges(queue::inFlight, queue::pending);
    }

    public void start() {
        workers.forEach(Thread::start);
        poller.start();
    }

    public Health health() {
        if (!poller.isAlive() || workers.stream().anyMatch(worker -> !worker.isAlive())) {
            return closed ? Health.notReady("stopping") : Health.dead("a resolver thread died; see the log");
        }
        if (loop.sinceLastPoll().compareTo(STUCK) > 0) {
            return Health.dead("the resolver has taken no hints for "
                    + loop.sinceLastPoll().toSeconds() + " s");
        }
        if (loop.assigned() == 0) {
            return Health.notReady("waiting for partitions of the hints");
        }
        return Health.ready(queue.pending() + " tags to read, " + queue.inFlight() + " being read");
    }

    /** Ends reading in the middle: what is unfinished is not committed and is read again at the next start. */
    @Override
    public void close() {
        closed = true;
        loop.stop();
        join(poller, Duration.ofSeconds(5));
        queue.drop(partition -> true);
        workers.forEach(Thread::interrupt);
        workers.forEach(worker -> join(worker, Duration.ofSeconds(2)));
        writer.close();
    }

    private static Properties consumerProperties(IngestConfig config, KafkaConfig kafka) {
        Properties properties = kafka.consumerProperties("precast-ingest-resolver");
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP);
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
