package dev.precast.serving.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * All open connections: how many there may be, and how long headers may take. Jetty's idle timeout starts again with every byte,
 * so that a client which sends one byte a second never meets it; here the time of all headers together counts, from their first
 * byte, or for a new connection from its first moment, the TLS handshake included. HTTP/2 has its own limits and is left to them.
 * Thread-safe; {@link #sweep} is called every now and then, by one thread.
 */
public final class Connections {
    private final int limit;
    private final int limitPerAddress;
    private final long headersNanos;
    private final LongSupplier nanoTime;
    private final Consumer<String> closed;
    private final Map<EndPoint, Waiting> open = new ConcurrentHashMap<>();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    /** What a connection is doing. */
    enum Phase {
        /** Between two requests, or before the first byte. */
        IDLE,
        /** Some of the headers have come. */
        HEADERS,
        /** A request is being answered, or it speaks HTTP/2. */
        BUSY
    }

    /** Since when a connection waits for something from its client. Written by the sweep only. */
    private static final class Waiting {
        private final long openedAt;
        private final @Nullable InetAddress address;
        private volatile long answered;
        private volatile long since;
        private volatile boolean waits = true;

        Waiting(long openedAt, @Nullable InetAddress address) {
            this.openedAt = openedAt;
            this.address = address;
            this.since = openedAt;
        }
    }

    /**
     * @param limitPerAddress 0: none
     * @param nanoTime a clock that only goes forward
     * @param closed told why a connection was closed: {@code headers}, {@code limit} or {@code address}
     */
    public Connections(
            int limit, int limitPerAddress, long headersNanos, LongSupplier nanoTime, Consumer<String> closed) {
        this.limit = limit;
        this.limitPerAddress = limitPerAddress;
        this.headersNanos = headersNanos;
        this.nanoTime = nanoTime;
        this.closed = closed;
    }

    /** How many are open. */
    public int size() {
        return open.size();
    }

    void opened(EndPoint endPoint) {
        InetAddress address =
                endPoint.getRemoteSocketAddress() instanceof InetSocketAddress inet ? inet.getAddress() : null;
        open.put(endPoint, new Waiting(nanoTime.getAsLong(), address));
        int sameAddress = address == null ? 0 : byAddress.merge(address, 1, Integer::sum);
        if (limitPerAddress > 0 && sameAddress > limitPerAddress) {
            close(endPoint, "address");
        } else if (open.size() > limit) {
            // Whoever has kept us waiting longest makes room: a newcomer is more likely to have something to ask.
            close(longestWaiting(endPoint).orElse(endPoint), "limit");
        }
    }

    void closed(EndPoint endPoint) {
        Waiting waiting = open.remove(endPoint);
        if (waiting != null && waiting.address != null) {
            byAddress.computeIfPresent(waiting.address, (address, count) -> count > 1 ? count - 1 : null);
        }
    }

    /** Closes what has taken too long over its headers. */
    public void sweep() {
        long now = nanoTime.getAsLong();
        open.forEach((endPoint, waiting) -> {
            Connection connection = http(endPoint.getConnection());
            long answered = connection instanceof HttpConnection ? connection.getMessagesOut() : 0;
            Phase phase = phase(connection);
            if (phase == Phase.BUSY) {
                waiting.waits = false;
                return;
            }
            if (!waiting.waits || answered != waiting.answered) {
                waiting.answered = answered;
                waiting.since = now;
                waiting.waits = true;
            } else if (phase == Phase.IDLE && answered > 0) {
                waiting.since = now; // Jetty's idle timeout is for these.
            }
            if (now - waiting.since > headersNanos) {
                close(endPoint, "headers");
            }
        });
    }

    private Optional<EndPoint> longestWaiting(EndPoint newest) {
        return open.entrySet().stream()
                .filter(entry -> entry.getKey() != newest)
                .filter(entry -> phase(http(entry.getKey().getConnection())) != Phase.BUSY)
                .min(Comparator.comparingLong(entry -> entry.getValue().openedAt))
                .map(Map.Entry::getKey);
    }

    private void close(EndPoint endPoint, String why) {
        closed.accept(why);
        closed(endPoint); // Now, for the next newcomer's sake; Jetty says so later.
        endPoint.close();
    }

    /** Below TLS, if there is any. */
    private static @Nullable Connection http(@Nullable Connection connection) {
        return connection instanceof SslConnection tls ? tls.getSslEndPoint().getConnection() : connection;
    }

    private static Phase phase(@Nullable Connection connection) {
        if (connection instanceof HttpConnection http) {
            HttpParser.State state = http.getParser().getState();
            if (state == HttpParser.State.START) {
                return Phase.IDLE;
            }
            return state.compareTo(HttpParser.State.HEADER) <= 0 ? Phase.HEADERS : Phase.BUSY;
        }
        // Before the protocol is agreed upon there is no connection, or the one that agrees upon it.
        boolean speaksHttp2 =
                connection != null && connection.getClass().getSimpleName().startsWith("HTTP2");
        return speaksHttp2 ? Phase.BUSY : Phase.HEADERS;
    }
}
