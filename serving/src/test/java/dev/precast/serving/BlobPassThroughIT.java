package dev.precast.serving;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs come from the upstream as they are, or break off. */
class BlobPassThroughIT extends BeforeAnUpstream {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String BLOB = "/v2/a/b/blobs/" + Digest.sha256(CONTENT);

    @Test
    void blob_headersBothWays() {
        upstream.on(BLOB, exchange -> {
            exchange.getResponseHeaders().set("Set-Cookie", "session=1");
            exchange.getResponseHeaders().set("X-Internal", "host-7");
            exchange.getResponseHeaders().set("Content-Range", "bytes 1-2/3");
            exchange.getResponseHeaders().set("Cache-Control", "public, max-age=5");
            FakeUpstream.bytes(206, "application/octet-stream", new byte[] {2, 3})
                    .send(exchange);
        });
        Http.Response response = http.get(
                BLOB,
                "Range: bytes=1-2",
                "Authorization: Basic x",
                "Cookie: a=b",
                "X-Forwarded-For: 1.2.3.4",
                "Accept-Encoding: gzip");
        assertThat(response.status()).isEqualTo(206);
        assertThat(response.header("Content-Range")).hasValue("bytes 1-2/3");
        assertThat(response.headers().get("cache-control")).containsExactly("private, max-age=5");
        assertThat(response.headers().get("vary")).containsExactly("Authorization");
        assertThat(http.get(BLOB).header("Cache-Control")).hasValue("public, max-age=5");
        assertThat(response.header("Content-Length")).hasValue("2");
        assertThat(response.header("Precast-Origin")).hasValue("upstream");
        assertThat(response.headers()).doesNotContainKeys("set-cookie", "x-internal");
        Map<String, List<String>> sent = upstream.asked(BLOB).get(0).headers();
        assertThat(sent.get("Range")).containsExactly("bytes=1-2");
        assertThat(sent.get("Authorization")).containsExactly("Basic x");
        assertThat(sent.get("Accept-encoding")).containsExactly("identity");
        assertThat(sent).doesNotContainKeys("Cookie", "X-forwarded-for");
    }

    @Test
    void blob_conditionalRequestsAreTheUpstreams() {
        upstream.on(BLOB, exchange -> {
            exchange.getResponseHeaders().set("ETag", "\"x\"");
            exchange.sendResponseHeaders(304, -1);
        });
        Http.Response same = http.get(BLOB, "If-None-Match: \"x\"", "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT");
        assertThat(same.status()).isEqualTo(304);
        assertThat(same.body()).isEmpty();
        assertThat(same.header("ETag")).hasValue("\"x\"");
        assertThat(upstream.asked(BLOB).get(0).headers())
                .containsEntry("If-none-match", List.of("\"x\""))
                .containsKey("If-modified-since");
        upstream.on(BLOB, exchange -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes */3");
            exchange.sendResponseHeaders(416, -1);
        });
        Http.Response range = http.get(BLOB, "Range: bytes=9-");
        assertThat(range.status()).isEqualTo(416);
        assertThat(range.body()).startsWith("{\"errors\"");
    }

    @Test
    void blob_headHasTheLength() {
        upstream.on(BLOB, FakeUpstream.bytes(200, "application/octet-stream", CONTENT));
        Http.Response response = http.head(BLOB);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Length")).hasValue("3");
        assertThat(response.body()).isEmpty();
    }

    @Test
    void blob_withoutALengthGetsThatOfTheHead() {
        upstream.on(BLOB, exchange -> {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (head) {
                exchange.getResponseHeaders().set("Content-Length", "3");
            }
            exchange.sendResponseHeaders(200, head ? -1 : 0); // 0: chunked
            if (!head) {
                exchange.getResponseBody().write(CONTENT);
            }
        });
        Http.Response response = http.get(BLOB, "Authorization: Basic x");
        assertThat(response.headers().get("content-length")).containsExactly("3");
        assertThat(response.headers()).doesNotContainKey("transfer-encoding");
        assertThat(response.body()).isEqualTo("\1\2\3");
        assertThat(upstream.asked(BLOB)).extracting(FakeUpstream.Asked::method).containsExactly("GET", "HEAD");
        assertThat(upstream.asked(BLOB).get(1).headers().get("Authorization")).containsExactly("Basic x");
    }

    @Test
    void blob_ofWhichNobodyKnowsTheLengthHasNone() {
        byte[] large = new byte[200_000];
        String path = "/v2/a/b/blobs/" + Digest.sha256(large);
        upstream.on(path, exchange -> {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(head ? 404 : 200, head ? -1 : 0); // 0: chunked
            if (!head) {
                exchange.getResponseBody().write(large);
            }
        });
        Http.Response response = http.get(path);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers()).doesNotContainKey("content-length");
        assertThat(response.body()).hasSize(large.length);
    }

    @Test
    void blob_largeComesThroughWhole() {
        byte[] large = new byte[5_000_011];
        new Random(7).nextBytes(large);
        String path = "/v2/a/b/blobs/" + Digest.sha256(large);
        upstream.on(path, FakeUpstream.bytes(200, "application/octet-stream", large));
        Http.Response response = http.get(path);
        assertThat(response.body()).isEqualTo(new String(large, StandardCharsets.ISO_8859_1));
        assertThat(response.header("Content-Length")).hasValue("5000011");
    }

    /** Of a known length: what cannot be the end is not kept back. */
    @Test
    void blob_goesOutAsItComes() throws Exception {
        byte[] content = new byte[10_000];
        int first = 1_000;
        String path = "/v2/a/b/blobs/" + Digest.sha256(content);
        CountDownLatch seen = new CountDownLatch(1);
        upstream.on(path, exchange -> {
            exchange.sendResponseHeaders(200, content.length);
            exchange.getResponseBody().write(content, 0, first);
            exchange.getResponseBody().flush();
            hold(seen);
            exchange.getResponseBody().write(content, first, content.length - first);
        });
        URI url = URI.create("http://127.0.0.1:" + serving.app().address().getPort() + path);
        HttpRequest request = HttpRequest.newBuilder(url).build();
        try (InputStream body = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            assertThat(body.readNBytes(first)).hasSize(first);
            seen.countDown();
            assertThat(body.readAllBytes()).hasSize(content.length - first);
        }
    }

    @Test
    void blob_thatIsSomethingElseNeverEnds() {
        byte[] large = new byte[1_000_000];
        String path = "/v2/a/b/blobs/" + Digest.sha256(new byte[] {9});
        upstream.on(path, FakeUpstream.bytes(200, "application/octet-stream", large));
        Http.Response response = http.get(path);
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body().length()).isLessThan(1_000_000);
        upstream.on(path, exchange -> {
            exchange.sendResponseHeaders(200, 0); // chunked
            exchange.getResponseBody().write(large);
        });
        assertThat(http.get(path).body()).doesNotEndWith("0\r\n\r\n");
    }

    @Test
    void blob_smallThatIsSomethingElseIsAnError() {
        upstream.on(BLOB, FakeUpstream.bytes(200, "application/octet-stream", new byte[] {3, 2, 1}));
        Http.Response response = http.get(BLOB, "Authorization: Basic x");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
        assertThat(response.header("Content-Length"))
                .hasValue(Integer.toString(response.body().length()));
        assertThat(response.headers().get("cache-control")).containsExactly("private");
        assertThat(response.headers().get("vary")).containsExactly("Authorization");
        assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
    }

    @Test
    void brokenBody_isNeverAShortTwoHundred() {
        upstream.on(BLOB, exchange -> {
            exchange.sendResponseHeaders(200, 300_000);
            exchange.getResponseBody().write(new byte[200_000]);
            exchange.getResponseBody().flush();
            throw new IOException("broken on purpose");
        });
        Http.Response response = http.get(BLOB);
        assertThat(response.header("Content-Length")).hasValue("300000");
        assertThat(response.body().length()).isLessThan(300_000);
    }

    @Test
    void brokenBody_ofUnknownLengthHasNoEnd(KafkaConfig kafka, @TempDir Path data) throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread registry = new Thread(() -> sendHalfAChunkedBody(socket));
            registry.start();
            URI url = URI.create("http://127.0.0.1:" + socket.getLocalPort());
            try (Serving other = Serving.start(kafka, url, data)) {
                Http.Response response = other.http().raw("GET " + BLOB + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(response.header("Transfer-Encoding")).hasValue("chunked");
                assertThat(response.body()).doesNotEndWith("0\r\n\r\n");
            }
            registry.join();
        }
    }

    private static void sendHalfAChunkedBody(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getInputStream().read(new byte[4_096]);
            String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n";
            socket.getOutputStream().write((head + "x".repeat(100_000) + "\r\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
