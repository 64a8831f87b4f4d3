package dev.precast.testkit;

import dev.precast.schemas.image.MediaTypes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a registry and spoils so many of a hundred answers, by a seed: on the HTTP level and, with sockets of its own,
 * below. One connection per request. Thread-safe.
 */
public final class ChaosProxy implements AutoCloseable {
    /** What goes wrong with an answer. */
    public enum Kind {
        STATUS_500,
        STATUS_429,
        /** No answer while the client waits. */
        TIMEOUT,
        /** A TCP reset in place of an answer. */
        RESET,
        /** Ten bytes a second. */
        TRICKLE,
        /** The connection ends in the middle of the body. */
        TRUNCATED,
        /** One byte more than the registry sent, and a Content-Length that fits. */
        BYTE_MORE,
        /** One bit of the body, the digest header as it was. */
        WRONG_BYTES,
        /** Another digest in the header, the body as it was. */
        WRONG_DIGEST,
        WRONG_TYPE,
        GZIP,
        /** To the trap. */
        REDIRECT,
        /** 200 and a page, as of a captive portal. */
        HTML
    }

    private static final List<String> PASSED =
            List.of("content-type", "docker-content-digest", "link", "www-authenticate", "retry-after", "location");
    private static final List<String> ASKED = List.of("accept", "authorization");
    private static final int MAX_HEAD = 64 << 10;
    private static final long TRICKLE_MILLIS = 100;

    private final URI upstream;
    private final URI trap;
    private final Random random;
    private final ServerSocket server;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "chaos-proxy");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private int requests;
    private volatile int percent;

    private ChaosProxy(URI upstream, URI trap, long seed, ServerSocket server) {
        this.upstream = upstream;
        this.trap = trap;
        this.random = new Random(seed);
        this.server = server;
    }

    /**
     * Starts on a free port of the loopback address, and spoils nothing at first.
     *
     * @param trap where redirects lead
     */
    public static ChaosProxy start(URI upstream, URI trap, long seed) {
        try {
            ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
            ChaosProxy proxy = new ChaosProxy(upstream, trap, seed, server);
            proxy.threads.execute(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** From now on so many of a hundred answers go wrong. */
    public void spoil(int ofAHundred) {
        percent = ofAHundred;
    }

    /** Requests so far. */
    public synchronized int requests() {
        return requests;
    }

    /** How often each kind was done. */
    public synchronized Map<Kind, Integer> done() {
        return new EnumMap<>(done);
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException | java.util.concurrent.RejectedExecutionException e) {
                return; // Closed.
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setSoTimeout(30_000);
            String head = head(socket.getInputStream());
            Kind kind = next(head);
            if (!head.isEmpty()) {
                answer(socket, kind, head);
            }
        } catch (IOException e) {
            // The client gave up, or the fault asked for it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized @Nullable Kind next(String head) {
        if (head.isEmpty()) {
            return null;
        }
        requests++;
        if (random.nextInt(100) >= percent) {
            return null;
        }
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        done.merge(kind, 1, Integer::sum);
        return kind;
    }

    private void answer(Socket socket, @Nullable Kind kind, String head) throws IOException, InterruptedException {
        if (kind == Kind.TIMEOUT) {
            socket.getInputStream().read(); // Until the client has enough.
            return;
        }
        if (kind == Kind.RESET) {
            socket.setSoLinger(true, 0);
            return;
        }
        boolean withBody = !head.startsWith("HEAD ");
        HttpResponse<byte[]> right = ask(head);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : PASSED) {
            right.headers().firstValue(name).ifPresent(value -> headers.put(name, value));
        }
        int status = right.statusCode();
        byte[] body = right.body();
        int length = withBody
                ? body.length
                : (int) right.headers().firstValueAsLong("Content-Length").orElse(0);
        switch (kind == null ? Kind.TIMEOUT : kind) { // TIMEOUT is done with already.
            case STATUS_500 -> status = 500;
            case STATUS_429 -> {
                status = 429;
                headers.put("retry-after", seconds());
            }
            case BYTE_MORE -> body = Arrays.copyOf(body, body.length + 1);
            case WRONG_BYTES -> body = flipped(body);
            case WRONG_DIGEST ->
                headers.computeIfPresent("docker-content-digest", (name, digest) -> "sha256:" + "0".repeat(64));
            case WRONG_TYPE ->
                headers.computeIfPresent(
                        "content-type",
                        (name, type) -> type.equals(MediaTypes.SCHEMA2) ? MediaTypes.OCI_MANIFEST : MediaTypes.SCHEMA2);
            case GZIP -> {
                body = zipped(body);
                headers.put("content-encoding", "gzip");
            }
            case REDIRECT -> {
                status = 307;
                headers.put("location", trap + "/stolen");
            }
            case HTML -> {
                status = 200;
                headers.put("content-type", "text/html");
                headers.remove("docker-content-digest");
                body = "<html>hello</html>".getBytes(StandardCharsets.UTF_8);
            }
            default -> {}
        }
        length = withBody ? body.length : length;
        send(socket.getOutputStream(), status, headers, length, withBody ? body : new byte[0], kind);
    }

    /** Now and then it asks to be left alone for a while. */
    private synchronized String seconds() {
        return random.nextInt(3) == 0 ? "1" : "0";
    }

    private static void send(
            OutputStream out, int status, Map<String, String> headers, int length, byte[] body, @Nullable Kind kind)
            throws IOException, InterruptedException {
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" x\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ").append(length).append("\r\n\r\n");
        out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        if (kind == Kind.TRUNCATED) {
            out.write(body, 0, body.length / 2);
        } else if (kind == Kind.TRICKLE) {
            for (byte one : body) {
                out.write(one);
                out.flush();
                TimeUnit.MILLISECONDS.sleep(TRICKLE_MILLIS);
            }
        } else {
            out.write(body);
        }
        out.flush();
    }

    private HttpResponse<byte[]> ask(String head) throws IOException, InterruptedException {
        String[] lines = head.split("\r\n");
        String[] start = lines[0].split(" ");
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(upstream + start[1]))
                .timeout(Duration.ofSeconds(30))
                .method(start[0], HttpRequest.BodyPublishers.noBody());
        for (String line : Arrays.copyOfRange(lines, 1, lines.length)) {
            int colon = line.indexOf(':');
            if (colon > 0 && ASKED.contains(line.substring(0, colon).toLowerCase(java.util.Locale.ROOT))) {
                request.header(
                        line.substring(0, colon), line.substring(colon + 1).strip());
            }
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    /** Up to the empty line; empty when the client sent none. */
    private static String head(InputStream raw) throws IOException {
        InputStream in = new BufferedInputStream(raw);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int one = in.read(); one >= 0 && bytes.size() < MAX_HEAD; one = in.read()) {
            bytes.write(one);
            if (one == '\n' && bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                return bytes.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    private static byte[] flipped(byte[] body) {
        byte[] other = body.clone();
        if (other.length > 0) {
            other[other.length / 2] ^= 1;
        }
        return other;
    }

    private static byte[] zipped(byte[] body) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write(body);
        }
        return zipped.toByteArray();
    }
}
