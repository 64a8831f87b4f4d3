package dev.precast.serving.server;

import java.time.Duration;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.jspecify.annotations.Nullable;

/** Connectors for plain HTTP, TLS, and TLS with HTTP/2. */
public final class Connectors {
    /** Streams of one connection: clients pull a handful of layers at a time. */
    private static final int STREAMS = 64;
    /**
     * What the system takes of an answer that its client does not read, until it is known to read: as much has to be fetched, hashed
     * and kept for every client that asks and reads nothing.
     */
    private static final int FIRST_SEND_BUFFER = 32 << 10;

    private Connectors() {}

    /**
     * @param tls absent for plain HTTP
     * @param http2 whether it is offered; with TLS only
     */
    public static ServerConnector of(
            Server server,
            HttpConfiguration http,
            Connections connections,
            @Nullable TlsFiles tls,
            boolean http2,
            Duration idle) {
        ServerConnector connector = new GuardedConnector(server, connections, factories(http, tls, http2));
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptQueueSize(1024);
        connector.setAcceptedSendBufferSize(FIRST_SEND_BUFFER);
        return connector;
    }

    private static ConnectionFactory[] factories(HttpConfiguration plain, @Nullable TlsFiles tls, boolean http2) {
        if (tls == null) {
            return new ConnectionFactory[] {new HttpConnectionFactory(plain)};
        }
        HttpConfiguration secure = new HttpConfiguration(plain);
        secure.addCustomizer(new SecureRequestCustomizer(false)); // Any Host: the names are the operator's affair.
        HttpConnectionFactory http1 = new HttpConnectionFactory(secure);
        if (!http2) {
            return new ConnectionFactory[] {new SslConnectionFactory(tls.context(), http1.getProtocol()), http1};
        }
        HTTP2ServerConnectionFactory http2Factory = new HTTP2ServerConnectionFactory(secure);
        http2Factory.setMaxConcurrentStreams(STREAMS);
        http2Factory.setMaxHeaderBlockFragment(plain.getRequestHeaderSize());
        http2Factory.setConnectProtocolEnabled(false);
        // Jetty counts resets, pings and settings per connection and ends one that overdoes it (CVE-2023-44487,
        // CVE-2025-5115).
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol(http1.getProtocol());
        return new ConnectionFactory[] {
            new SslConnectionFactory(tls.context(), alpn.getProtocol()), alpn, http2Factory, http1
        };
    }
}
