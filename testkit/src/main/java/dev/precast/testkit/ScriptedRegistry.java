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
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A registry in memory that answers reads, and goes wrong exactly as a test says. Contents are set by the test, not pushed.
 * Thread-safe.
 */
public final class ScriptedRegistry implements AutoCloseable {
    private static final Pattern LIST = Pattern.compile("/v2/(.+)/tags/list");
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
    private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
    private volatile @Nullable Lock lock;
    private volatile Supplier<Optional<Fault>> chaos = Optional::empty;
    private volatile UnaryOperator<List<String>> pages = UnaryOperator.identity();
    private volatile boolean catalog = true;

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
        Queue<Fault> queue = faults.computeIfAbsent(suffix, key -> new ArrayDeque<>());
        synchronized (queue) {
            queue.addAll(List.of(next));
        }
    }

    /** Every answer that has no fault of its own takes the next of these; to be called by several threads at once. */
    public void chaos(Supplier<Optional<Fault>> faultsForAll) {
        chaos = faultsForAll;
    }

    /** Answers that have no fault of their own are made when they are asked for, and sent once the latch is counted down. */
    public CountDownLatch hold() {
        CountDownLatch released = new CountDownLatch(1);
        chaos(() -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Optional.empty();
        });
        return released;
    }

    /** Every page of a list is sent as this makes it: shorter, doubled, out of order. */
    public void pages(UnaryOperator<List<String>> distortion) {
        pages = distortion;
    }

    /** From now on {@code /v2/_catalog} is no address here. */
    public void withoutCatalog() {
        catalog = false;
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
            Fault.Answer right = answer(exchange.getRequestURI(), authorization);
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

    private Fault.Answer answer(URI address, @Nullable String authorization) {
        String path = address.getRawPath();
        Lock current = lock;
        if (current != null && !current.opens().test(authorization == null ? "" : authorization)) {
            return error(RegistryError.of(401, "UNAUTHORIZED", "authentication required"))
                    .with("WWW-Authenticate", current.challenge());
        }
        if (path.equals("/v2/")) {
            return new Fault.Answer(200, Map.of("Content-Type", "application/json"), new byte[] {'{', '}'});
        }
        if (path.equals("/v2/_catalog") && catalog) {
            return page(address, "repositories", names(key -> key.substring(0, key.lastIndexOf('/'))));
        }
        Matcher list = LIST.matcher(path);
        if (list.matches()) {
            String prefix = list.group(1) + "/";
            List<String> tags = names(key -> key.startsWith(prefix) ? key.substring(prefix.length()) : "");
            return page(
                    address,
                    "tags",
                    tags.stream().filter(tag -> tag.indexOf('/') < 0).toList());
        }
        Matcher matcher = PATH.matcher(path);
        if (!matcher.matches()) {
            return new Fault.Answer(
                    404, Map.of("Content-Type", "text/plain"), "404 page not found".getBytes(StandardCharsets.UTF_8));
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

    /** Of the keys of tags; sorted, each once, empty ones left out. */
    private List<String> names(UnaryOperator<String> name) {
        return manifests.keySet().stream()
                .filter(key -> key.lastIndexOf(':') < 0)
                .map(name)
                .filter(found -> !found.isEmpty())
                .distinct()
                .sorted()
                .toList();
    }

    /** As {@code registry/handlers/tags.go} of distribution: {@code n} names after {@code last}, and a link to the next page. */
    private Fault.Answer page(URI address, String member, List<String> names) {
        int most = parameter(address, "n").map(Integer::parseInt).orElse(100);
        String last = parameter(address, "last").orElse("");
        List<String> rest =
                names.stream().filter(name -> name.compareTo(last) > 0).toList();
        List<String> page = rest.subList(0, Math.min(most, rest.size()));
        String body = pages.apply(page).stream()
                .map(name -> "\"" + name + "\"")
                .collect(Collectors.joining(",", "{\"" + member + "\":[", "]}"));
        Fault.Answer answer = new Fault.Answer(
                200, Map.of("Content-Type", "application/json"), body.getBytes(StandardCharsets.UTF_8));
        return rest.size() == page.size()
                ? answer
                : answer.with(
                        "Link",
                        "<" + address.getRawPath() + "?last=" + page.get(page.size() - 1) + "&n=" + most
                                + ">; rel=\"next\"");
    }

    private static Optional<String> parameter(URI address, String name) {
        String query = address.getRawQuery() == null ? "" : address.getRawQuery();
        return Stream.of(query.split("&"))
                .filter(part -> part.startsWith(name + "="))
                .map(part -> part.substring(name.length() + 1))
                .findFirst();
    }

    private static Fault.Answer error(RegistryError error) {
        return new Fault.Answer(error.status(), Map.of("Content-Type", RegistryError.CONTENT_TYPE), error.body());
    }
}
