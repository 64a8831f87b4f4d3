package dev.precast.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** What goes wrong with one answer of a {@link ScriptedRegistry}. */
@FunctionalInterface
public interface Fault {
    /** Answers in place of the registry, which would have answered {@code right}. */
    void answer(HttpExchange exchange, Answer right) throws IOException;

    /**
     * An answer as the registry would give it.
     *
     * @param headers apart from Content-Length
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int status, Map<String, String> headers, byte[] body) {
        void send(HttpExchange exchange) throws IOException {
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            }
            exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }

        Answer with(byte[] other) {
            return new Answer(status, headers, other);
        }

        Answer with(String header, String value) {
            Map<String, String> changed = new java.util.LinkedHashMap<>(headers);
            changed.put(header, value);
            return new Answer(status, changed, body);
        }
    }

    /** Nothing goes wrong with this one. */
    static Fault none() {
        return (exchange, right) -> right.send(exchange);
    }

    static Fault status(int status) {
        return (exchange, right) -> new Answer(status, Map.of(), bytes("no")).send(exchange);
    }

    static Fault status(int status, String header, String value) {
        return (exchange, right) -> new Answer(status, Map.of(header, value), bytes("no")).send(exchange);
    }

    static Fault redirect(String location) {
        return status(307, "Location", location);
    }

    /** What it does, {@code millis} later. */
    static Fault after(long millis, Fault fault) {
        return (exchange, right) -> {
            try {
                Thread.sleep(millis);
                fault.answer(exchange, right);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** What a proxy or a captive portal says. */
    static Fault html(int status) {
        return (exchange, right) ->
                new Answer(status, Map.of("Content-Type", "text/html"), bytes("<html>hello</html>")).send(exchange);
    }

    /** The last byte missing, with a Content-Length that fits: only the digest tells. */
    static Fault byteLess() {
        return (exchange, right) ->
                right.with(Arrays.copyOf(right.body(), right.body().length - 1)).send(exchange);
    }

    static Fault byteMore() {
        return (exchange, right) ->
                right.with(Arrays.copyOf(right.body(), right.body().length + 1)).send(exchange);
    }

    /** The connection ends in the middle of the body. */
    static Fault cut() {
        return (exchange, right) -> {
            right.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(right.status(), right.body().length + 1L);
            exchange.getResponseBody().write(right.body());
            exchange.getResponseBody().flush();
        };
    }

    /** The connection ends without an answer. */
    static Fault reset() {
        return (exchange, right) -> exchange.close();
    }

    static Fault mediaType(String mediaType) {
        return (exchange, right) -> right.with("Content-Type", mediaType).send(exchange);
    }

    /** Another digest in the header, the right body. */
    static Fault digestHeader(String digest) {
        return (exchange, right) -> right.with("Docker-Content-Digest", digest).send(exchange);
    }

    static Fault gzip() {
        return (exchange, right) -> {
            ByteArrayOutputStream zipped = new ByteArrayOutputStream();
            try (OutputStream out = new GZIPOutputStream(zipped)) {
                out.write(right.body());
            }
            right.with(zipped.toByteArray()).with("Content-Encoding", "gzip").send(exchange);
        };
    }

    /** Sends the headers, then one byte in a while for ever, until the client gives up. */
    static Fault trickle() {
        return (exchange, right) -> {
            right.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(right.status(), 0);
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                    Thread.sleep(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** More bytes than anybody should read, without a Content-Length. */
    static Fault endless() {
        return (exchange, right) -> {
            right.headers()
                    .forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            exchange.sendResponseHeaders(right.status(), 0);
            byte[] block = new byte[1 << 16];
            Arrays.fill(block, (byte) ' ');
            for (long written = 0; written < 1L << 30; written += block.length) {
                exchange.getResponseBody().write(block);
            }
        };
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
