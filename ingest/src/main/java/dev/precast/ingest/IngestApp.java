package dev.precast.ingest;

import dev.precast.ingest.metrics.EventMetrics;
import dev.precast.ingest.metrics.IngestMetrics;
import dev.precast.ingest.notification.NotificationSources;
import dev.precast.ingest.registry.Breaker;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.ingest.resolver.Resolver;
import dev.precast.ingest.sweep.SweepMetrics;
import dev.precast.ingest.webhook.EventRoutes;
import dev.precast.ingest.webhook.EventServer;
import dev.precast.ingest.webhook.KafkaEventLog;
import dev.precast.ingest.webhook.WatchedLog;
import dev.precast.schemas.config.RegistryKeys;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The ingest role: the door for events, and the resolver behind it. The topics must exist before it starts. */
public final class IngestApp implements Role {
    private final IngestConfig config;
    private final KafkaConfig kafka;
    private final Clock clock;
    private final MeterRegistry meters;
    private final IngestMetrics metrics;
    private final EventMetrics eventMetrics;
    private @Nullable ExecutorService http;
    private @Nullable KafkaEventLog log;
    private @Nullable WatchedLog door;
    private @Nullable Resolver resolver;
    private @Nullable EventServer server;

    public IngestApp(IngestConfig config, KafkaConfig kafka, Clock clock, MeterRegistry meters) {
        this.config = config;
        this.kafka = kafka;
        this.clock = clock;
        this.meters = meters;
        this.metrics = new IngestMetrics(meters);
        this.eventMetrics = new EventMetrics(meters);
    }

    @Override
    public String name() {
        return "ingest";
    }

    @Override
    public synchronized void start() {
        if (!config.registry().configured()) {
            throw new ConfigException("Cannot start ingest: no registry is configured. Set " + RegistryKeys.URL
                    + " to the upstream registry's URL, for example http://127.0.0.1:5000.");
        }
        try {
            startParts();
        } catch (KafkaException e) {
            close();
            throw new KafkaException(
                    "Cannot start ingest: the Kafka cluster at " + kafka.bootstrapServers()
                            + " did not answer, or lacks the topics. `precast topics apply` makes them.",
                    e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void startParts() {
        ExecutorService executor = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "precast-registry-http");
            thread.setDaemon(true);
            return thread;
        });
        http = executor;
        KafkaEventLog events = KafkaEventLog.open(kafka, config.events().ackTimeout());
        log = events;
        WatchedLog watched = new WatchedLog(events, System::nanoTime);
        door = watched;
        Breaker breaker = new Breaker(
                config.registry().breaker(),
                System::nanoTime,
                () -> ThreadLocalRandom.current().nextDouble());
        RegistryClient registry = new RegistryClient(config.registry(), clock, executor, breaker, metrics::upstream);
        Resolver resolving = new Resolver(config, kafka, registry, breaker, metrics, new SweepMetrics(meters), clock);
        resolver = resolving;
        resolving.start();
        EventRoutes routes = new EventRoutes(
                config.events(),
                new NotificationSources(() -> UUID.randomUUID().toString()),
                watched,
                eventMetrics,
                clock);
        EventServer listener = new EventServer(config.events(), routes, eventMetrics);
        server = listener;
        listener.start();
    }

    /**
     * Where events are taken, with the port that was chosen for 0.
     *
     * @throws IllegalStateException before the role has started
     */
    public synchronized InetSocketAddress eventsAddress() {
        if (server == null) {
            throw new IllegalStateException("Ingest has not started");
        }
        return server.address();
    }

    @Override
    public synchronized Health health() {
        if (resolver == null || server == null || door == null) {
            return Health.notReady("not started");
        }
        Health health = resolver.health();
        return health.ready() ? door.trouble().map(Health::notReady).orElse(health) : health;
    }

    /** First the door, so that nothing more is promised; then the resolver, whose unfinished hints stay for the next start. */
    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
            server = null;
        }
        if (resolver != null) {
            resolver.close();
            resolver = null;
        }
        if (log != null) {
            log.close();
            log = null;
        }
        if (http != null) {
            http.shutdownNow();
            http = null;
        }
    }
}
