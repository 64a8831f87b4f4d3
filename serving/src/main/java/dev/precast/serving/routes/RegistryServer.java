package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.FrontConfig;
import dev.precast.serving.FrontConfig.AccessLogForm;
import dev.precast.serving.ServingConfig;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.freshness.FreshOffers;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.server.AccessLog;
import dev.precast.serving.server.Admission;
import dev.precast.serving.server.Connections;
import dev.precast.serving.server.Connectors;
import dev.precast.serving.server.TlsFiles;
import dev.precast.serving.upstream.Redirects;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamCatalog;
import dev.precast.serving.view.ManifestView;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty with {@link FrontHandler} first and Javalin behind it, set up so that bytes go out exactly as they are and nothing else
 * answers.
 */
public final class RegistryServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryServer.class);
    /** Tokens with many scopes do not fit into Jetty's 8 KiB. */
    private static final int HEADER_BYTES = 32 << 10;
    /** For Jetty's own work beside the requests that may wait for the upstream. */
    private static final int SPARE_THREADS = 32;

    /** From one look at a connection to the next. */
    private static final long SWEEP_MILLIS = 500;

    private static final long TLS_REFRESH_SECONDS = 5;
    private static final long DRAIN_STEP_MILLIS = 10;

    private final ServingConfig config;
    private final FrontConfig front;
    private final FrontHandler handler;
    private final Exchange.Recorder recorder;
    private final RegistryHandler relays;
    private final Admission admission;
    private final Connections connections;
    private final Transfers transfers;
    private @Nullable ScheduledExecutorService timer;
    private @Nullable Javalin javalin;
    private volatile boolean draining;

    /** What Precast itself holds. */
    public record Held(ManifestView view, FreshOffers offers) {}

    /** Who may read, and what callers are remembered by. */
    public record Access(Authoriser authoriser, Fingerprints fingerprints) {}

    /** Does no I/O. */
    public RegistryServer(ServingConfig config, Held held, Access access, Upstream upstream, ServingMetrics metrics) {
        this.config = config;
        this.front = config.front();
        Authoriser authoriser = access.authoriser();
        Catalog catalog =
                new Catalog(config.auth().catalog(), authoriser, new UpstreamCatalog(upstream, System::nanoTime));
        Answers answers = new Answers(
                held.view(),
                held.offers(),
                authoriser,
                access.fingerprints(),
                catalog,
                config.auth().delegated(),
                !config.freshness().checked());
        Redirects redirects = new Redirects(config.registry(), front.followRedirects(), front.redirectHosts());
        AccessLog accessLog = front.accessLog() == AccessLogForm.OFF
                ? null
                : new AccessLog(front.accessLog() == AccessLogForm.JSON, Clock.systemUTC());
        Duration stall = untilLooked(front.stallTimeout());
        this.transfers = new Transfers(config.registryTimeout(), stall, System::nanoTime);
        this.admission =
                new Admission(front.manifestsAtOnce(), front.blobsAtOnce(), front.authAtOnce(), front.listsAtOnce());
        Connections.Limits limits = new Connections.Limits(
                front.connections(),
                front.connectionsPerAddress(),
                front.headersTimeout().toNanos(),
                stall.toNanos());
        this.connections = new Connections(limits, System::nanoTime, metrics::connectionClosed);
        metrics.gauge("precast.serving.connections", "", "open connections of clients", connections::size);
        metrics.gauge("precast.serving.transfers", "", "blobs on their way to clients", transfers::size);
        BlobRelay blobs = new BlobRelay(upstream, redirects, transfers, metrics);
        this.recorder = new Exchange.Recorder(metrics, accessLog, transfers);
        this.handler = new FrontHandler(answers, blobs, admission, recorder);
        FrontDoor frontDoor = new FrontDoor(config.auth().grace(), System::nanoTime);
        this.relays = new RegistryHandler(new Wire(upstream, frontDoor, metrics));
    }

    /** @throws IOException if the address cannot be bound, or the certificate not be used */
    public synchronized void start() throws IOException {
        TlsFiles tls = front.tls().isEmpty()
                ? null
                : new TlsFiles(
                        front.tls().get().certificate(), front.tls().get().key());
        try {
            Javalin created = Javalin.create(javalinConfig -> configure(javalinConfig, tls));
            javalin = created;
            created.start();
        } catch (RuntimeException e) {
            throw new IOException(
                    "Cannot listen on " + config.listen().host() + ":"
                            + config.listen().port() + ": " + e.getMessage() + ". Choose another "
                            + ServingConfig.LISTEN + ".",
                    e);
        }
        ScheduledExecutorService created = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "precast-serving-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer = created;
        every(created, SWEEP_MILLIS / Connections.SWEEPS, () -> {
            transfers.sweep();
            connections.sweep();
        });
        if (tls != null) {
            every(created, TimeUnit.SECONDS.toMillis(TLS_REFRESH_SECONDS), tls::refresh);
        }
    }

    /** Where it listens; the port is the real one also when a free one was asked for. */
    public synchronized InetSocketAddress address() {
        Javalin running = javalin;
        if (running == null) {
            throw new IllegalStateException("The server is not started.");
        }
        return new InetSocketAddress(config.listen().host(), running.port());
    }

    /** Whether it is about to end, and only finishes what is under way. */
    public boolean draining() {
        return draining;
    }

    /** Takes no more connections, lets running requests finish for as long as the configuration says, then ends. */
    @Override
    public synchronized void close() {
        Javalin running = javalin;
        if (running == null) {
            return;
        }
        draining = true;
        handler.drain();
        for (Connector connector : running.jettyServer().server().getConnectors()) {
            if (connector instanceof AbstractConnector open) {
                open.setShutdownIdleTimeout(shortest(front.drain(), config.idleTimeout())); // Else it is a second.
            }
            var unused = connector.shutdown();
        }
        awaitRequests();
        if (timer != null) {
            timer.shutdownNow();
        }
        running.stop();
        javalin = null;
    }

    /** Closed within its time, not at the first look after it; a time that is shorter than two looks cannot be kept. */
    static Duration untilLooked(Duration stallTimeout) {
        return stallTimeout.minusMillis(Math.min(SWEEP_MILLIS, stallTimeout.toMillis() / 2));
    }

    private static long shortest(Duration a, Duration b) {
        return Math.min(a.toMillis(), b.toMillis());
    }

    private void awaitRequests() {
        long end = System.nanoTime() + front.drain().toNanos();
        try {
            while (admission.inside() > 0 && System.nanoTime() < end) {
                TimeUnit.MILLISECONDS.sleep(DRAIN_STEP_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (admission.inside() > 0) {
            LOG.warn(
                    "{} requests did not end within {} ms and are broken off.",
                    admission.inside(),
                    front.drain().toMillis());
        }
    }

    private void configure(JavalinConfig javalinConfig, @Nullable TlsFiles tls) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE; // Digests are of the bytes as they are.
        javalinConfig.http.generateEtags = false;
        javalinConfig.jetty.threadPool = threads();
        javalinConfig.jetty.modifyServer(this::configureServer);
        javalinConfig.jetty.modifyHttpConfiguration(this::configureHttp);
        javalinConfig.jetty.addConnector((server, http) -> connector(server, http, tls));
        javalinConfig.routes.before(relays);
        javalinConfig.routes.exception(Exception.class, (e, context) -> {
            LOG.error("Cannot answer a request: unexpected {}", e.toString(), e);
            RegistryError error = RegistryError.of(500, "UNKNOWN", "internal error");
            context.res().reset();
            context.res().setHeader(Wire.VERSION_HEADER, Wire.VERSION);
            context.status(500).contentType(RegistryError.CONTENT_TYPE).result(error.body());
        });
    }

    /**
     * One for every request that may wait: blobs come without one, but who may read them is asked first. They are made as they are
     * needed.
     */
    private QueuedThreadPool threads() {
        int most = front.manifestsAtOnce()
                + front.blobsAtOnce()
                + front.authAtOnce()
                + front.listsAtOnce()
                + SPARE_THREADS;
        QueuedThreadPool threads = new QueuedThreadPool(most, Math.min(8, most));
        threads.setName("precast-serving");
        return threads;
    }

    private Connector connector(Server server, HttpConfiguration http, @Nullable TlsFiles tls) {
        ServerConnector connector = Connectors.of(server, http, connections, tls, front.http2(), config.idleTimeout());
        connector.setHost(config.listen().host());
        connector.setPort(config.listen().port());
        return connector;
    }

    private void configureServer(Server server) {
        server.setStopTimeout(0); // By then everything has been waited for.
        server.setErrorHandler(new JsonErrors(recorder));
        server.setHandler(handler);
    }

    private void configureHttp(HttpConfiguration http) {
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setIdleTimeout(config.idleTimeout().toMillis());
    }

    private static void every(ScheduledExecutorService timer, long millis, Runnable task) {
        Runnable guarded = () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.error("A periodic task failed: {}", e.toString(), e); // It would never run again.
            }
        };
        var unused = timer.scheduleWithFixedDelay(guarded, millis, millis, TimeUnit.MILLISECONDS);
    }
}
