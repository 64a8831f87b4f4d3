package dev.precast.ingest.webhook;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;

/**
 * Closes connections whose request is still not whole after a while. Jetty's idle timeout does not: it begins anew with every byte, so that
 * a byte now and then holds a connection for ever. Thread-safe.
 */
final class SlowSenders implements Connection.Listener, AutoCloseable {
    /** What a connection had done when it was last seen to be well: between requests, or done with one more. */
    private record Progress(long requests, long answers, long bytes, long nanos) {
        static Progress of(Connection connection) {
            return new Progress(
                    connection.getMessagesIn(),
                    connection.getMessagesOut(),
                    connection.getBytesIn(),
                    System.nanoTime());
        }
    }

    private final Map<Connection, Progress> open = new ConcurrentHashMap<>();
    private final long limitNanos;
    private final Thread thread = new Thread(this::run, "precast-events-slow");

    /** @param limit of a request, head and body, and its answer */
    SlowSenders(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(limitNanos / 4);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onOpened(Connection connection) {
        // Of TLS the connection inside counts: it is opened with it, and its first request takes the handshake too.
        if (!(connection instanceof SslConnection)) {
            open.put(connection, Progress.of(connection));
        }
    }

    @Override
    public void onClosed(Connection connection) {
        open.remove(connection);
    }

    private void look() {
        open.forEach((connection, before) -> {
            Progress now = Progress.of(connection);
            boolean answered = now.answers() != before.answers();
            boolean between = now.requests() == now.answers() && now.bytes() == before.bytes() && before.answers() > 0;
            if (answered || between) {
                open.replace(connection, before, now);
            } else if (now.nanos() - before.nanos() > limitNanos) {
                network(connection.getEndPoint()).close();
            }
        });
    }

    /** Below TLS, if there is any: a goodbye in its form would wait for the other side. */
    private static EndPoint network(EndPoint endPoint) {
        return endPoint instanceof SslConnection.SslEndPoint tls
                ? tls.getSslConnection().getEndPoint()
                : endPoint;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
