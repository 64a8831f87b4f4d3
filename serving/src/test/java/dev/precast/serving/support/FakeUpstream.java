package dev.precast.serving.support;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An upstream over HTTP that answers each path as the test says, and 404 otherwise; it keeps what it was asked. Thread-safe.
 */
public final class FakeUpstream implements AutoCloseable {
    /** How one path is answered. */
    @FunctionalInterface
    public interface Reply {
        void send(HttpExchange exchange) throws IOException;
    }

    /**
     * One request as it came.
     *
     * @param target path and query, undecoded
     * @param headers by name as the JDK's server writes them
     */
    public record Asked(String method, String target, Map<String, List<String>> headers) {}

    /** So little that a thread without priority, which others may use this one from, is never long in the system at a time. */
    private static final int PIECE = 16 << 10;

    private final HttpServer server;
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Map<String, Reply> replies = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    public FakeUpstream() {
        this(0);
    }

    /** @param port 0 for a free one */
    public FakeUpstream(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(executor);
        server.createContext("/", this::handle);
        server.start();
        on("/v2/", json(200, "{}"));
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** @param path without the query */
    public FakeUpstream on(String path, Reply reply) {
        replies.put(path, reply);
        return this;
    }

    /** A repository that everybody may read. */
    public FakeUpstream readable(String repository) {
        return on("/v2/" + repository + "/tags/list", json(200, "{\"name\":\"" + repository + "\",\"tags\":[\"v1\"]}"));
    }

    public List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** The requests whose path and query are {@code target}. */
    public List<Asked> asked(String target) {
        return asked.stream().filter(a -> a.target().equals(target)).toList();
    }

    public void forget() {
        asked.clear();
    }

    public static Reply json(int status, String body) {
        return bytes(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    public static Reply bytes(int status, String contentType, byte[] body) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                for (int i = 0; i < body.length; i += PIECE) { // The JDK's server copies what it is given.
                    exchange.getResponseBody().write(body, i, Math.min(PIECE, body.length - i));
                }
            }
        };
    }

    /** Answers {@code inner} to whoever sends this Authorization, 401 with a challenge to others. */
    public static Reply locked(String authorization, Reply inner) {
        return exchange -> {
            if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                inner.send(exchange);
            } else {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"upstream\"");
                json(401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n")
                        .send(exchange);
            }
        };
    }

    /** From now on nobody answers at the address. */
    public void goAway() {
        close();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            asked.add(new Asked(exchange.getRequestMethod(), uri.toString(), Map.copyOf(exchange.getRequestHeaders())));
            replies.getOrDefault(
                            uri.getRawPath(),
                            json(404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"from upstream\"}]}\n"))
                    .send(exchange);
        } catch (IOException e) {
            // The other side gave up, or the reply asked for a broken connection.
            exchange.close();
        }
    }
}
