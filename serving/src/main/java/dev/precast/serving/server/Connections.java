package dev.precast.serving.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * All open connections: how many there may be, how long headers may take, and how long a client may leave answers lying. Jetty's
 * idle timeout starts again with every byte, so that a client which sends one byte a second never meets it; here the time of all
 * headers together counts, from their first byte, or for a new connection from its first moment, the TLS handshake included. On
 * HTTP/2 that is the time to the first whole request; afterwards a connection without open streams is idle, and its headers have
 * Jetty's limits only. And whoever asks much and takes little holds places that others need, however short each answer is: what
 * counts is what the whole connection takes.
 * Thread-safe; {@link #sweep} is called again and again, by one thread.
 */
public final class Connections {
    /** Bytes that a client has to take in the time of a stall: a kilobyte a second in a minute. */
    public static final long LEAST_BYTES = 60 << 10;

    /** After so many sweeps every connection was looked at. */
    public static final int SWEEPS = 20;

    private final int limit;
    private final int limitPerAddress;
    private final long headersNanos;
    private final long stallNanos;
    private final LongSupplier nanoTime;
    private final Consumer<String> closed;
    private final Map<EndPoint, Waiting> open = new ConcurrentHashMap<>();
    /** Those that have asked for nothing as far as anyone has looked, oldest first. */
    private final Set<EndPoint> silent = Collections.synchronizedSet(new LinkedHashSet<>());

    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final Rounds<Map.Entry<EndPoint, Waiting>> rounds = new Rounds<>(open.entrySet(), SWEEPS);

    /** What a connection is doing. */
    enum Phase {
        /** Between two requests, or before the first byte. */
        IDLE,
        /** Some of the headers have come. */
        HEADERS,
        /** A request is being answered; on HTTP/2 at least one. */
        BUSY
    }

    /** Since when a connection waits for something from its client. Written by the sweep only. */
    private static final class Waiting {
        private final long openedAt;
        private final @Nullable InetAddress address;
        private volatile long answered;
        private volatile long since;
        private volatile boolean waits = true;
        private final Window window = new Window();

        Waiting(long openedAt, @Nullable InetAddress address) {
            this.openedAt = openedAt;
            this.address = address;
            this.since = openedAt;
        }
    }

    /** How long a connection was found blocked since it last took enough. For the sweep only. */
    private static final class Window {
        private long startBytes;
        private long waitedNanos;
        private long lookedAt;
        private boolean wasBlocked;

        /** How long the client has been waited for by now; two looks at blocked answers make a wait. */
        long waited(CountedEndPoint endPoint, long now) {
            long taken = endPoint.taken();
            boolean blocked = endPoint.blocked();
            if (taken - startBytes >= LEAST_BYTES) {
                startBytes = taken;
                waitedNanos = 0;
            } else if (blocked && wasBlocked) {
                waitedNanos += now - lookedAt;
            }
            lookedAt = now;
            wasBlocked = blocked;
            return waitedNanos;
        }
    }

    /**
     * How many connections there may be, and what each may do.
     *
     * @param total open at once
     * @param perAddress open at once from one address; 0: as many as there may be
     * @param headersNanos for all headers of a request
     * @param stallNanos within which a client for whom something lies ready must have taken a little
     */
    public record Limits(int total, int perAddress, long headersNanos, long stallNanos) {}

    /**
     * @param nanoTime a clock that only goes forward
     * @param closed told why a connection was closed: {@code headers}, {@code stalled}, {@code limit} or {@code address}
     */
    public Connections(Limits allowed, LongSupplier nanoTime, Consumer<String> closed) {
        this.limit = allowed.total();
        this.limitPerAddress = allowed.perAddress();
        this.headersNanos = allowed.headersNanos();
        this.stallNanos = allowed.stallNanos();
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
        silent.add(endPoint);
        int sameAddress = address == null ? 0 : byAddress.merge(address, 1, Integer::sum);
        if (limitPerAddress > 0 && sameAddress > limitPerAddress) {
            close(endPoint, "address");
        } else if (open.size() > limit) {
            makeRoomFor(endPoint);
        }
    }

    /** One at a time: two newcomers that chose the same one would leave one too many. */
    private synchronized void makeRoomFor(EndPoint newest) {
        if (open.size() > limit) {
            close(leastMissed(newest).orElse(newest), "limit");
        }
    }

    void closed(EndPoint endPoint) {
        silent.remove(endPoint);
        Waiting waiting = open.remove(endPoint);
        if (waiting != null && waiting.address != null) {
            byAddress.computeIfPresent(waiting.address, (address, count) -> count > 1 ? count - 1 : null);
        }
    }

    /** Closes what has taken too long over its headers, or takes next to nothing of what lies ready for it. Looks at some only. */
    public void sweep() {
        long now = nanoTime.getAsLong();
        rounds.step(entry -> {
            String why = fault(entry.getKey(), entry.getValue(), now);
            if (why != null) {
                close(entry.getKey(), why);
            }
        });
    }

    /** What is wrong with a connection; absent when nothing is. */
    private @Nullable String fault(EndPoint endPoint, Waiting waiting, long now) {
        if (endPoint instanceof CountedEndPoint counted && waiting.window.waited(counted, now) > stallNanos) {
            return "stalled";
        }
        Connection connection = http(endPoint.getConnection());
        long answered = answered(endPoint);
        Phase phase = phase(connection);
        if (phase == Phase.BUSY) {
            waiting.waits = false;
            return null;
        }
        if (!waiting.waits || answered != waiting.answered) {
            waiting.answered = answered;
            waiting.since = now;
            waiting.waits = true;
        } else if (phase == Phase.IDLE && answered > 0) {
            waiting.since = now; // Jetty's idle timeout is for these.
        }
        return now - waiting.since > headersNanos ? "headers" : null;
    }

    /**
     * Who makes room for a newcomer, which is more likely to have something to ask: first those that have never asked for anything,
     * the oldest of them before the others; only then those that have been answered and are silent now.
     */
    private Optional<EndPoint> leastMissed(EndPoint newest) {
        synchronized (silent) {
            for (Iterator<EndPoint> oldest = silent.iterator(); oldest.hasNext(); ) {
                EndPoint endPoint = oldest.next();
                if (phase(http(endPoint.getConnection())) == Phase.BUSY || answered(endPoint) > 0) {
                    oldest.remove();
                } else if (!endPoint.equals(newest)) {
                    return Optional.of(endPoint);
                }
            }
        }
        return open.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(newest))
                .filter(entry -> phase(http(entry.getKey().getConnection())) != Phase.BUSY)
                .min(Comparator.comparingLong(entry -> entry.getValue().openedAt))
                .map(Map.Entry::getKey);
    }

    private static long answered(EndPoint endPoint) {
        Connection connection = http(endPoint.getConnection());
        if (connection instanceof HTTP2Connection http2) {
            return http2.getSession().getStreamsClosed();
        }
        return connection instanceof HttpConnection http ? http.getMessagesOut() : 0;
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
        if (connection instanceof HTTP2Connection http2) {
            return http2.getSession().getStreams().isEmpty() ? Phase.IDLE : Phase.BUSY;
        }
        // Before the protocol is agreed upon there is no connection, or the one that agrees upon it.
        return Phase.HEADERS;
    }
}
