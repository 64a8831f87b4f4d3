package dev.precast.ingest.webhook;

import dev.precast.ingest.notification.DistributionParser;
import dev.precast.ingest.notification.GenericParser;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.error.RegistryError;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** The HTTP server that registries' notifications are sent to. */
public final class EventServer implements AutoCloseable {
    private static final long IDLE_MILLIS = 30_000;
    private static final long STOP_MILLIS = 3_000;

    private final Javalin app;
    private final ListenAddress listen;

    public EventServer(ListenAddress listen, EventRoutes routes) {
        this.listen = listen;
        this.app = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            config.http.compressionStrategy = CompressionStrategy.NONE;
            config.http.prefer405over404 = true;
            config.http.generateEtags = false;
            config.concurrency.useVirtualThreads = true;
            config.jetty.host = listen.host();
            config.jetty.port = listen.port();
            config.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
            config.jetty.modifyServer(EventServer::configure);
            routes.register(
                    config.routes, new DistributionParser(EventServer::newId), new GenericParser(EventServer::newId));
        });
    }

    /** @throws io.javalin.util.JavalinException if the address cannot be bound */
    public void start() {
        app.start();
        for (org.eclipse.jetty.server.Connector connector :
                app.jettyServer().server().getConnectors()) {
            if (connector instanceof ServerConnector server) {
                server.setIdleTimeout(IDLE_MILLIS);
            }
        }
    }

    /** The address in use, with the port that was taken for 0. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listen.host(), app.port());
    }

    /** Lets answers under way end. */
    @Override
    public void close() {
        app.stop();
    }

    private static void configure(Server server) {
        server.setStopTimeout(STOP_MILLIS);
        server.setErrorHandler(EventServer::handleError);
    }

    /** What Jetty refuses before any route sees it, in the same form as our own errors. */
    private static boolean handleError(Request request, Response response, Callback callback) {
        RegistryError error =
                RegistryError.of(response.getStatus(), "UNSUPPORTED", "the request is not acceptable HTTP");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, RegistryError.CONTENT_TYPE);
        response.write(true, ByteBuffer.wrap(error.body()), callback);
        return true;
    }

    private static String newId() {
        return UUID.randomUUID().toString();
    }
}
