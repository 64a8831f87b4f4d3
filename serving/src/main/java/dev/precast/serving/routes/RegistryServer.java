package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.ServingConfig;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.freshness.FreshOffers;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.view.ManifestView;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Javalin on Jetty, set up so that bytes go out exactly as they are and nothing answers but {@link RegistryHandler}. */
public final class RegistryServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryServer.class);
    /** Tokens with many scopes do not fit into Jetty's 8 KiB. */
    private static final int HEADER_BYTES = 32 << 10;

    private static final long STOP_MILLIS = 3_000;

    private final ServingConfig config;
    private final RegistryHandler handler;
    private @Nullable Javalin javalin;

    /** What Precast itself holds. */
    public record Held(ManifestView view, FreshOffers offers) {}

    /** Does no I/O. */
    public RegistryServer(
            ServingConfig config, Held held, Authoriser authoriser, Upstream upstream, ServingMetrics metrics) {
        this.config = config;
        boolean open = config.auth() == ServingConfig.Auth.OPEN;
        Answers answers = new Answers(held.view(), held.offers()::find, authoriser, open);
        this.handler = new RegistryHandler(answers, wire(config, upstream, metrics), metrics);
    }

    private static Wire wire(ServingConfig config, Upstream upstream, ServingMetrics metrics) {
        return new Wire(upstream, new FrontDoor(config.authGrace(), System::nanoTime), metrics);
    }

    /** @throws IOException if the address cannot be bound */
    public synchronized void start() throws IOException {
        try {
            Javalin created = Javalin.create(this::configure);
            javalin = created;
            created.start(config.listen().host(), config.listen().port());
        } catch (RuntimeException e) {
            throw new IOException(
                    "Cannot listen on " + config.listen().host() + ":"
                            + config.listen().port() + ": " + e.getMessage() + ". Choose another "
                            + ServingConfig.LISTEN + ".",
                    e);
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

    /** Lets running requests finish for a moment, then ends them. */
    @Override
    public synchronized void close() {
        if (javalin != null) {
            javalin.stop();
            javalin = null;
        }
    }

    private void configure(JavalinConfig javalinConfig) {
        javalinConfig.startup.showJavalinBanner = false;
        javalinConfig.startup.showOldJavalinVersionWarning = false;
        javalinConfig.concurrency.useVirtualThreads = true;
        javalinConfig.http.compressionStrategy = CompressionStrategy.NONE; // Digests are of the bytes as they are.
        javalinConfig.http.generateEtags = false;
        javalinConfig.jetty.modifyServer(RegistryServer::configureServer);
        javalinConfig.jetty.modifyHttpConfiguration(this::configureHttp);
        javalinConfig.routes.before(handler);
        javalinConfig.routes.exception(Exception.class, (e, context) -> {
            LOG.error("Cannot answer a request: unexpected {}", e.toString(), e);
            RegistryError error = RegistryError.of(500, "UNKNOWN", "internal error");
            context.res().reset();
            context.res().setHeader(Wire.VERSION_HEADER, Wire.VERSION);
            context.status(500).contentType(RegistryError.CONTENT_TYPE).result(error.body());
        });
    }

    private static void configureServer(Server server) {
        server.setStopTimeout(STOP_MILLIS);
        server.setErrorHandler(new JsonErrors());
    }

    private void configureHttp(HttpConfiguration http) {
        http.setRequestHeaderSize(HEADER_BYTES);
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setIdleTimeout(config.idleTimeout().toMillis());
    }
}
