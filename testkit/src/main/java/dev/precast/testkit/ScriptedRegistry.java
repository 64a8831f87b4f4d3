package dev.precast.testkit;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A registry in memory that answers reads, and goes wrong exactly as a test says. Contents are set by the test, not pushed.
 * Thread-safe.
 */
public final class ScriptedRegistry implements AutoCloseable {
    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs)/([^/]+)");

    /**
     * One request as it arrived.
     *
     * @param accept one element per header line
     * @param authorization absent when there was none
     */
    public record Request(
            String method,
            String path,
            List<String> accept,
            @Nullable String authorization) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Content(String mediaType, Digest digest, byte[] bytes) {}

    private record Lock(String challenge, Predicate<String> opens) {}

    private final HttpServer server;
    private final ExecutorService executor;
    private final Map<String, Content> manifests = new ConcurrentHashMap<>();
    private final Map<String, Content> blobs = new ConcurrentHashMap<>();
    private final Map<String, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile @Nullable Lock lock;
    private volatile Supplier<Optional<Fault>> chaos = Optional::empty;

    private ScriptedRegistry(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /** Starts on a free port of the loopback address. */
    public static ScriptedRegistry start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            ExecutorService executor = Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "scripted-registry");
                thread.setDaemon(true);
                return thread;
            });
            ScriptedRegistry registry = new ScriptedRegistry(server, executor);
            server.setExecutor(executor);
            server.createContext("/", registry::handle);
            server.start();
            return registry;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Base URL, without {@code /v2/}. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Puts a manifest under its digest, and under {@code tag} unless it is empty. */
    public Digest manifest(String repository, String tag, String mediaType, byte[] bytes) {
        Content content = new Content(mediaType, Digest.sha256(bytes), bytes);
        manifests.put(repository + "/" + content.digest(), content);
        if (!tag.isEmpty()) {
            manifests.put(repository + "/" + tag, content);
        }
        return content.digest();
    }

    public Digest blob(String repository, byte[] bytes) {
        Content content = new Content("application/octet-stream", Digest.sha256(bytes), bytes);
        blobs.put(repository + "/" + content.digest(), content);
        return content.digest();
    }

    /** Removes a manifest by tag or digest. */
    public void remove(String repository, String reference) {
        manifests.remove(repository + "/" + reference);
    }

    /** The next answers to requests for a path that ends in {@code suffix} go wrong, one fault each, then all is well. */
    public void fail(String suffix, Fault... next) {
        faults.computeIfAbsent(suffix, key -> new ArrayDeque<>()).addAll(List.of(next));
    }

    /** Every answer that has no fault of its own takes the next of these; to be called by several threads at once. */
    public void chaos(Supplier<Optional<Fault>> faultsForAll) {
        chaos = faultsForAll;
    }

    /** Answers 401 with this {@code WWW-Authenticate} unless {@code opens} accepts the {@code Authorization} header. */
    public void lock(String challenge, Predicate<String> opens) {
        lock = new Lock(challenge, opens);
    }

    /** In the order in which they arrived. */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            Headers headers = exchange.getRequestHeaders();
            String path = exchange.getRequestURI().getRawPath();
            String authorization = headers.getFirst("Authorization");
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    path,
                    List.copyOf(headers.getOrDefault("Accept", List.of())),
                    authorization));
            Fault.Answer right = answer(path, authorization);
            Fault fault = nextFault(path);
            if (fault == null) {
                right.send(exchange);
            } else {
                fault.answer(exchange, right);
            }
        } catch (IOException e) {
            // The client gave up, or the fault asked for it: nothing to tell anybody.
            exchange.close();
        }
    }

    private @Nullable Fault nextFault(String path) {
        for (Map.Entry<String, Queue<Fault>> entry : faults.entrySet()) {
            if (path.endsWith(entry.getKey())) {
                synchronized (entry.getValue()) {
                    return entry.getValue().poll();
                }
            }
        }
        return chaos.get().orElse(null);
    }

    private Fault.Answer answer(String path, @Nullable String authorization) {
        Lock current = lock;
        if (current != null && !current.opens().test(authorization == null ? "" : authorization)) {
            return error(RegistryError.of(401, "UNAUTHORIZED", "authentication required"))
                    .with("WWW-Authenticate", current.challenge());
        }
        if (path.equals("/v2/")) {
            return new Fault.Answer(200, Map.of("Content-Type", "application/json"), new byte[] {'{', '}'});
        }
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return new Fault.Answer(
                    404,
                    Map.of("Content-Type", "text/plain"),
                    "404 page not found".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        boolean manifest = matcher.group(2).equals("manifests");
        Content content = (manifest ? manifests : blobs).get(matcher.group(1) + "/" + matcher.group(3));
        if (content == null) {
            return error(
                    manifest
                            ? RegistryError.tagUnknown(matcher.group(3))
                            : RegistryError.of(404, "BLOB_UNKNOWN", "blob unknown to registry"));
        }
        return new Fault.Answer(
                200,
                Map.of(
                        "Content-Type",
                        content.mediaType(),
                        "Docker-Content-Digest",
                        content.digest().toString()),
                content.bytes());
    }

    private static Fault.Answer error(RegistryError error) {
        return new Fault.Answer(error.status(), Map.of("Content-Type", RegistryError.CONTENT_TYPE), error.body());
    }
}
