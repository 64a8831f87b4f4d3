package dev.precast.launcher.layout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A registry over an OCI image layout, on a free port of the loopback address: read only, no authorisation, manifests as
 * stored whatever the client accepts, and what a digest names only inside a repository that has it. It is the upstream of ingest and serving under {@code --layout}. Thread-safe.
 */
public final class LayoutRegistry implements AutoCloseable {
    private static final int THREADS = 16;
    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final OciLayout layout;
    private final Closures closures;
    private final HttpServer server;
    private final ExecutorService threads;

    private LayoutRegistry(OciLayout layout, HttpServer server, ExecutorService threads) {
        this.layout = layout;
        this.closures = new Closures(layout);
        this.server = server;
        this.threads = threads;
    }

    public static LayoutRegistry start(OciLayout layout) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0), 0);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "layout-registry");
            thread.setDaemon(true);
            return thread;
        });
        LayoutRegistry registry = new LayoutRegistry(layout, server, threads);
        server.setExecutor(threads);
        server.createContext("/", registry::handle);
        server.start();
        return registry;
    }

    /** Without {@code /v2/}: {@code http://127.0.0.1:port}. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Docker-Distribution-Api-Version", "registry/2.0");
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                send(exchange, RegistryError.of(405, "UNSUPPORTED", "The operation is unsupported."));
                return;
            }
            route(exchange, exchange.getRequestURI().getRawPath());
        }
    }

    private void route(HttpExchange exchange, String path) throws IOException {
        if (path.equals("/v2/") || path.equals("/v2")) {
            send(exchange, JsonNodeFactory.instance.objectNode());
            return;
        }
        if (path.equals("/v2/_catalog")) {
            send(exchange, listing("repositories", layout.index().repositories()));
            return;
        }
        Optional<RegistryPath> parsed = RegistryPath.parse(path);
        if (parsed.isEmpty()) {
            send(exchange, RegistryError.of(404, "NAME_INVALID", "invalid repository name"));
            return;
        }
        RegistryPath request = parsed.get();
        switch (request.kind()) {
            case "tags" -> tags(exchange, request.repository());
            case "manifests" -> manifest(exchange, request);
            default -> blob(exchange, request);
        }
    }

    private void tags(HttpExchange exchange, String repository) throws IOException {
        Collection<String> tags = layout.index().tagsOf(repository);
        if (tags.isEmpty()) {
            send(exchange, RegistryError.of(404, "NAME_UNKNOWN", "repository name not known to registry"));
            return;
        }
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", repository);
        body.setAll(listing("tags", tags));
        send(exchange, body);
    }

    private void manifest(HttpExchange exchange, RegistryPath request) throws IOException {
        Optional<Digest> byDigest = Digest.tryParse(request.reference());
        Optional<LayoutIndex.Entry> entry = byDigest.isPresent()
                ? inside(request.repository(), byDigest.get())
                : layout.index().find(request.repository(), request.reference());
        Optional<Path> file = entry.flatMap(found -> layout.blob(found.digest()));
        if (entry.isEmpty() || file.isEmpty()) {
            send(
                    exchange,
                    byDigest.isPresent()
                            ? RegistryError.manifestUnknown(request.repository(), request.reference())
                            : RegistryError.tagUnknown(request.reference()));
            return;
        }
        send(exchange, entry.get(), file.get());
    }

    /** Only what the repository has: the layout holds the others' in the same place. */
    private Optional<LayoutIndex.Entry> inside(String repository, Digest digest) throws IOException {
        String type = closures.of(repository, digest).manifests().get(digest);
        return type == null ? Optional.empty() : Optional.of(new LayoutIndex.Entry(digest, type));
    }

    private void blob(HttpExchange exchange, RegistryPath request) throws IOException {
        Optional<Digest> digest = Digest.tryParse(request.reference());
        boolean inside = digest.isPresent()
                && closures.of(request.repository(), digest.get()).has(digest.get());
        Optional<Path> file = inside ? digest.flatMap(layout::blob) : Optional.empty();
        if (digest.isEmpty() || file.isEmpty()) {
            send(exchange, RegistryError.of(404, "BLOB_UNKNOWN", "blob unknown to registry"));
            return;
        }
        send(exchange, new LayoutIndex.Entry(digest.get(), MediaTypes.OCTET_STREAM), file.get());
    }

    private static void send(HttpExchange exchange, LayoutIndex.Entry entry, Path file) throws IOException {
        exchange.getResponseHeaders()
                .set("Docker-Content-Digest", entry.digest().toString());
        exchange.getResponseHeaders().set("ETag", "\"" + entry.digest() + "\"");
        long size = Files.size(file);
        if (head(exchange, 200, entry.mediaType(), size)) {
            return;
        }
        try (OutputStream body = exchange.getResponseBody()) {
            Files.copy(file, body);
        }
    }

    private static void send(HttpExchange exchange, ObjectNode json) throws IOException {
        send(exchange, 200, "application/json", (json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, RegistryError error) throws IOException {
        send(exchange, error.status(), RegistryError.CONTENT_TYPE, error.body());
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] content) throws IOException {
        if (!head(exchange, status, type, content.length)) {
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(content);
            }
        }
    }

    /** Sends the head; returns whether that was all. */
    private static boolean head(HttpExchange exchange, int status, String type, long size) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            // The server itself would leave it out: it takes -1 for "no body" and knows no length then.
            exchange.getResponseHeaders().set("Content-Length", Long.toString(size));
            exchange.sendResponseHeaders(status, -1);
            return true;
        }
        // To this server 0 means a chunked body of unknown length, -1 an empty one.
        exchange.sendResponseHeaders(status, size == 0 ? -1 : size);
        return size == 0;
    }

    private static ObjectNode listing(String key, Collection<String> names) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        names.forEach(body.putArray(key)::add);
        return body;
    }
}
