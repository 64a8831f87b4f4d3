package dev.precast.ingest.webhook;

import dev.precast.ingest.EventsConfig;
import dev.precast.ingest.metrics.EventMetrics;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.error.RegistryError;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.InetAddressSet;
import org.jspecify.annotations.Nullable;

/** The HTTP server that registries' notifications are sent to. */
public final class EventServer implements AutoCloseable {
    private static final long IDLE_MILLIS = 30_000;
    /** What idle connections are given at the end; Jetty's own second would only be waited for. */
    private static final long IDLE_AT_STOP_MILLIS = 50;

    private static final long STOP_MILLIS = 3_000;
    /** More than any number of registries needs, and few enough for as many bodies of the largest size. */
    private static final int MAX_CONNECTIONS = 512;

    private static final Duration REQUEST_LIMIT = Duration.ofSeconds(10);

    private final Javalin app;
    private final ListenAddress listen;
    private final InetAddressSet allowed = new InetAddressSet();
    private final Strangers strangers;
    private final SlowSenders slow;
    private final @Nullable DoorTls tls;

    /** @throws org.apache.kafka.common.config.ConfigException if the certificate cannot be used */
    public EventServer(EventsConfig config, EventRoutes routes, EventMetrics metrics) {
        this(config, routes, metrics, REQUEST_LIMIT);
    }

    /** @param requestLimit after which a connection is closed whose request is not whole */
    EventServer(EventsConfig config, EventRoutes routes, EventMetrics metrics, Duration requestLimit) {
        this.listen = config.listen();
        this.allowed.addAll(config.allowed());
        this.strangers = new Strangers(metrics);
        this.slow = new SlowSenders(requestLimit);
        this.tls = config.tls().map(DoorTls::new).orElse(null);
        this.app = Javalin.create(javalin -> {
            javalin.startup.showJavalinBanner = false;
            javalin.startup.showOldJavalinVersionWarning = false;
            javalin.startup.startupWatcherEnabled = false;
            javalin.http.compressionStrategy = CompressionStrategy.NONE;
            javalin.http.prefer405over404 = true;
            javalin.http.generateEtags = false;
            javalin.concurrency.useVirtualThreads = true;
            javalin.jetty.addConnector(this::connector);
            javalin.jetty.modifyHttpConfiguration(http -> http.setSendServerVersion(false));
            javalin.jetty.modifyServer(server -> {
                server.setStopTimeout(STOP_MILLIS);
                server.setErrorHandler(EventServer::handleError);
                server.setHandler(new WholeBody(routes::accept));
            });
            routes.register(javalin.routes);
        });
    }

    /** @throws io.javalin.util.JavalinException if the address cannot be bound */
    public void start() {
        app.start();
        slow.start();
        if (tls != null) {
            tls.start();
        }
    }

    /** The address in use, with the port that was taken for 0. */
    public InetSocketAddress address() {
        return new InetSocketAddress(listen.host(), app.port());
    }

    /** Lets answers under way end. */
    @Override
    public void close() {
        slow.close();
        if (tls != null) {
            tls.close();
        }
        app.stop();
    }

    private Connector connector(Server server, HttpConfiguration http) {
        ServerConnector connector = new DoorConnector(
                server,
                address -> allowed.isEmpty() || allowed.test(address),
                strangers::turnedAway,
                factories(http, tls));
        connector.setHost(listen.host());
        connector.setPort(listen.port());
        connector.setIdleTimeout(IDLE_MILLIS);
        connector.setShutdownIdleTimeout(IDLE_AT_STOP_MILLIS);
        connector.addBean(slow);
        connector.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, connector));
        return connector;
    }

    private static ConnectionFactory[] factories(HttpConfiguration plain, @Nullable DoorTls tls) {
        if (tls == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(plain)};
        }
        HttpConfiguration secure = new HttpConfiguration(plain);
        secure.addCustomizer(new SecureRequestCustomizer(false)); // Any Host: the names are the operator's affair.
        HttpConnectionFactory http = new HttpConnectionFactory(secure);
        return new ConnectionFactory[] {new SslConnectionFactory(tls.context(), http.getProtocol()), http};
    }

    /** What Jetty refuses before any route sees it, in the same form as our own errors. */
    private static boolean handleError(Request request, Response response, Callback callback) {
        RegistryError error =
                RegistryError.of(response.getStatus(), "UNSUPPORTED", "the request is not acceptable HTTP");
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, RegistryError.CONTENT_TYPE);
        response.write(true, ByteBuffer.wrap(error.body()), callback);
        return true;
    }
}
