package dev.precast.e2e.tool;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.precast.e2e.client.RegistryReader;
import dev.precast.schemas.image.Digest;
import dev.precast.testkit.client.Schema1;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A registry front that spoils one thing, to see that a client's checks can fail. */
public final class FaultProxy implements AutoCloseable {
    private static final Pattern SIGNATURE = Pattern.compile("\"signature\": ?\"([^\"]{9})([^\"])");

    /** What is spoilt. */
    public enum Fault {
        /** Nothing: every check holds. */
        NONE,
        /** One bit of the signature. */
        SIGNATURE_BIT,
        /** The payload, with the digest header left as it was. */
        PAYLOAD,
        /** The payload, with the digest header made to fit: only the signature tells. */
        PAYLOAD_WITH_FITTING_DIGEST,
        /** The digest header. */
        DIGEST_HEADER,
        /** One bit of every blob. */
        BLOB_BIT,
        /** The 32-byte empty layer is missing. */
        EMPTY_LAYER
    }

    private final RegistryReader upstream;
    private final Fault fault;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    private FaultProxy(RegistryReader upstream, Fault fault, HttpServer server) {
        this.upstream = upstream;
        this.fault = fault;
        this.server = server;
    }

    /** Starts in front of {@code upstream}, on a free port of loopback. */
    public static FaultProxy start(URI upstream, Fault fault) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            FaultProxy proxy = new FaultProxy(new RegistryReader(upstream), fault, server);
            server.createContext("/", proxy::answer);
            server.setExecutor(proxy.threads);
            server.start();
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        List<String> accepts = exchange.getRequestHeaders().getOrDefault("Accept", new ArrayList<>());
        RegistryReader.Answer answer = upstream.get(path, accepts.toArray(String[]::new));
        byte[] body = spoil(path, answer);
        answer.header("Content-Type")
                .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
        answer.header("Docker-Content-Digest")
                .ifPresent(digest ->
                        exchange.getResponseHeaders().set("Docker-Content-Digest", spoilDigest(digest, body)));
        exchange.getResponseHeaders().set("Docker-Distribution-Api-Version", "registry/2.0");
        int status = isEmptyLayer(path) && fault == Fault.EMPTY_LAYER ? 404 : answer.status();
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private byte[] spoil(String path, RegistryReader.Answer answer) {
        byte[] body = answer.body();
        if (path.contains("/blobs/")) {
            if (fault == Fault.BLOB_BIT && !isEmptyLayer(path)) {
                body[body.length / 2] ^= 1;
            }
            return body;
        }
        if (!path.contains("/manifests/")) {
            return body;
        }
        return switch (fault) {
            case SIGNATURE_BIT -> flipSignatureBit(answer.text());
            case PAYLOAD, PAYLOAD_WITH_FITTING_DIGEST ->
                answer.text()
                        .replace("\"architecture\": \"amd64\"", "\"architecture\": \"arm64\"")
                        .getBytes(StandardCharsets.UTF_8);
            default -> body;
        };
    }

    /** The tenth of the signature's base64 characters, so that none of the bits is padding. */
    private static byte[] flipSignatureBit(String manifest) {
        Matcher matcher = SIGNATURE.matcher(manifest);
        if (!matcher.find()) {
            throw new IllegalStateException("The manifest to spoil has no signature.");
        }
        String other = matcher.group(2).equals("A") ? "B" : "A";
        return (manifest.substring(0, matcher.start(2)) + other + manifest.substring(matcher.end(2)))
                .getBytes(StandardCharsets.UTF_8);
    }

    private String spoilDigest(String digest, byte[] body) {
        return switch (fault) {
            case PAYLOAD_WITH_FITTING_DIGEST ->
                Digest.sha256(Schema1.payload(body)).toString();
            case DIGEST_HEADER -> Digest.sha256(new byte[] {1}).toString();
            default -> digest;
        };
    }

    private static boolean isEmptyLayer(String path) {
        return path.endsWith(Digest.EMPTY_LAYER.toString());
    }
}
