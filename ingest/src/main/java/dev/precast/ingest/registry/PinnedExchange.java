package dev.precast.ingest.registry;

import dev.precast.ingest.registry.Answer.Cause;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;

/**
 * One GET over https to given addresses of a host, without credentials, within a time that includes the body. The name is checked
 * against the certificate as ever, but it is not looked up: {@link java.net.http.HttpClient} would do so, and cannot be told not to.
 * Redirects are never followed here. Thread-safe.
 */
final class PinnedExchange {
    private static final int MAX_PORT = 65_535;

    private final SSLSocketFactory tls;
    private final RequestWatch watch;

    PinnedExchange(SSLSocketFactory tls, RequestWatch watch) {
        this.tls = tls;
        this.watch = watch;
    }

    /**
     * @param address https
     * @param addresses of its host, tried in their order
     * @param cap bytes of body above which nothing more is read
     */
    Reply get(URI address, List<InetAddress> addresses, int cap, Deadline deadline) throws Exchange.FailedException {
        long begin = System.nanoTime();
        String outcome = "failed";
        try {
            if (address.getPort() > MAX_PORT) {
                throw new Exchange.FailedException(
                        Cause.UNEXPECTED_ANSWER,
                        "The registry says that a blob is kept at a port that does not exist.");
            }
            Reply reply = first(address, addresses, cap, deadline);
            outcome = Integer.toString(reply.statusCode());
            return reply;
        } catch (SocketTimeoutException e) {
            outcome = "timeout";
            throw new Exchange.FailedException(
                    Cause.TIMEOUT, "The place that a blob is kept at did not answer in time.");
        } catch (IOException e) {
            outcome = "unreachable";
            throw new Exchange.FailedException(
                    Cause.UNREACHABLE,
                    "The place that a blob is kept at could not be read: "
                            + e.getClass().getSimpleName() + ".");
        } finally {
            watch.done(RequestWatch.Operation.BLOB, outcome, Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    /** Of the first address that can be connected to. */
    private Reply first(URI address, List<InetAddress> addresses, int cap, Deadline deadline) throws IOException {
        IOException last = new IOException("No address");
        for (InetAddress at : addresses) {
            try {
                return send(address, at, cap, deadline);
            } catch (ConnectException | NoRouteToHostException e) {
                last = e;
            }
        }
        throw last;
    }

    private Reply send(URI address, InetAddress at, int cap, Deadline deadline) throws IOException {
        long left = deadline.left().toMillis();
        if (left == 0) {
            throw new SocketTimeoutException("No time is left");
        }
        PinnedSockets sockets = new PinnedSockets(tls, at);
        // Timeouts of sockets begin anew with every byte.
        CompletableFuture<Void> end = CompletableFuture.runAsync(
                sockets::cutOff, CompletableFuture.delayedExecutor(left, TimeUnit.MILLISECONDS));
        try {
            HttpsURLConnection connection = open(address, sockets, Math.toIntExact(left));
            int status = connection.getResponseCode();
            return new Reply(status, headers(connection), body(connection, status, cap));
        } catch (IOException e) {
            throw sockets.isCutOff() ? new SocketTimeoutException("Cut off") : e;
        } finally {
            end.cancel(false);
            sockets.close();
        }
    }

    private static HttpsURLConnection open(URI address, PinnedSockets sockets, int timeoutMillis) throws IOException {
        HttpsURLConnection connection = (HttpsURLConnection) address.toURL().openConnection(Proxy.NO_PROXY);
        connection.setSSLSocketFactory(sockets); // Its own, so that no connection is ever used again.
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(timeoutMillis);
        connection.setReadTimeout(timeoutMillis);
        connection.setRequestProperty("Accept", "*/*");
        connection.setRequestProperty("Accept-Encoding", "identity");
        connection.setRequestProperty("User-Agent", "precast");
        connection.setRequestProperty("Connection", "close");
        return connection;
    }

    private static HttpHeaders headers(HttpURLConnection connection) {
        // Servers write one name in several ways, and HttpHeaders takes each only once.
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        connection.getHeaderFields().forEach((name, values) -> {
            if (name != null) { // The status line has none.
                fields.computeIfAbsent(name, first -> new ArrayList<>()).addAll(values);
            }
        });
        return HttpHeaders.of(fields, (name, value) -> true);
    }

    private static CappedBody.Body body(HttpURLConnection connection, int status, int cap) throws IOException {
        if (connection.getContentLengthLong() > cap) {
            return new CappedBody.Body(new byte[0], false);
        }
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            if (in == null) {
                return new CappedBody.Body(new byte[0], true);
            }
            byte[] bytes = in.readNBytes(cap);
            if (bytes.length < connection.getContentLengthLong()) {
                throw new EOFException("The body ended too early"); // The connection does not say so itself.
            }
            boolean complete = in.read() < 0;
            return new CappedBody.Body(complete ? bytes : new byte[0], complete);
        }
    }
}
