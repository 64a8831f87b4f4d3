package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.KafkaExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the upstream's comes from the upstream, and nothing else goes there. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PassThroughIT {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String BLOB = "/v2/a/b/blobs/" + Digest.sha256(CONTENT);

    private final FakeUpstream upstream = new FakeUpstream();
    private Serving serving;
    private Http http;

    @BeforeAll
    void start(KafkaConfig kafka, @TempDir Path data) {
        serving = Serving.start(kafka, upstream.url(), data, "serving.redirect.hosts", "localhost")
                .ready();
        http = serving.http();
    }

    @AfterAll
    void stop() {
        serving.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.forget();
    }

    @Test
    void blob_headersBothWays() {
        upstream.on(BLOB, exchange -> {
            exchange.getResponseHeaders().set("Set-Cookie", "session=1");
            exchange.getResponseHeaders().set("X-Internal", "host-7");
            exchange.getResponseHeaders().set("Content-Range", "bytes 1-2/3");
            exchange.getResponseHeaders().set("Cache-Control", "max-age=5");
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
        assertThat(response.header("Cache-Control")).hasValue("max-age=5");
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
    void blob_redirectIsFollowedWithoutCredentialsElsewhere() {
        try (FakeUpstream store = new FakeUpstream()) {
            store.on("/x", FakeUpstream.bytes(200, "application/octet-stream", CONTENT));
            String elsewhere = "http://localhost:" + store.url().getPort() + "/x?sig=y";
            upstream.on(BLOB, redirectTo(elsewhere));
            Http.Response response = http.get(BLOB, "Authorization: Basic x", "Range: bytes=0-", "Cookie: a=b");
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("\1\2\3");
            assertThat(response.header("Precast-Origin")).hasValue("upstream");
            assertThat(response.headers()).doesNotContainKey("location");
            assertThat(store.asked("/x?sig=y"))
                    .singleElement()
                    .satisfies(asked -> assertThat(asked.headers())
                            .containsKey("Range")
                            .doesNotContainKeys("Authorization", "Cookie"));
        }
    }

    @Test
    void blob_redirectWithinTheUpstreamKeepsCredentials() {
        upstream.on(BLOB, redirectTo("/storage/x"));
        upstream.on("/storage/x", FakeUpstream.bytes(200, "application/octet-stream", CONTENT));
        assertThat(http.get(BLOB, "Authorization: Basic x").body()).isEqualTo("\1\2\3");
        assertThat(upstream.asked("/storage/x").get(0).headers().get("Authorization"))
                .containsExactly("Basic x");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/",
                "https://127.0.0.1:1/x",
                "https://[::1]:1/x",
                "https://2130706433:1/x",
                "https://10.0.0.1/x",
                "http://example.com/x",
                "file:///etc/passwd",
                "https://user:secret@localhost/x",
                "//evil.invalid/x",
                "https://localhost.evil.invalid/x",
                "not a url"
            })
    void blob_redirectToWhereNobodyMayGo(String location) {
        upstream.on(BLOB, redirectTo(location));
        Http.Response response = http.get(BLOB);
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.headers()).doesNotContainKey("location");
        assertThat(response.body()).contains("\"UNKNOWN\"").doesNotContain("evil");
        assertThat(upstream.asked()).hasSize(1);
    }

    @Test
    void blob_redirectsInACircleEnd() {
        upstream.on(BLOB, redirectTo(BLOB));
        assertThat(http.get(BLOB).status()).isEqualTo(502);
        assertThat(upstream.asked()).hasSize(4);
    }

    @Test
    void blob_redirectIsHandedOnWhereAllowed(KafkaConfig kafka, @TempDir Path data) {
        try (Serving other = Serving.start(
                kafka, upstream.url(), data, "serving.redirects", "client", "serving.redirect.hosts", "*.example")) {
            upstream.on(BLOB, redirectTo("/storage/x?sig=y"));
            Http.Response response = other.http().get(BLOB);
            assertThat(response.status()).isEqualTo(307);
            assertThat(response.header("Location")).hasValue(upstream.url() + "/storage/x?sig=y");
            upstream.on(BLOB, redirectTo("http://cdn.example/x"));
            assertThat(other.http().head(BLOB).header("Location")).hasValue("http://cdn.example/x");
            upstream.on(BLOB, redirectTo("http://cdn.other/x"));
            assertThat(other.http().get(BLOB).status()).isEqualTo(502);
            assertThat(upstream.asked()).hasSize(3);
        }
    }

    @Test
    void manifest_redirectIsRefused() {
        upstream.on("/v2/a/b/manifests/elsewhere", redirectTo("/v2/a/b/manifests/x"));
        assertThat(http.get("/v2/a/b/manifests/elsewhere").status()).isEqualTo(502);
        assertThat(upstream.asked()).hasSize(1);
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
    void blob_largeComesThroughWhole() {
        byte[] large = new byte[5_000_011];
        new Random(7).nextBytes(large);
        String path = "/v2/a/b/blobs/" + Digest.sha256(large);
        upstream.on(path, FakeUpstream.bytes(200, "application/octet-stream", large));
        Http.Response response = http.get(path);
        assertThat(response.body()).isEqualTo(new String(large, StandardCharsets.ISO_8859_1));
        assertThat(response.header("Content-Length")).hasValue("5000011");
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
        Http.Response response = http.get(BLOB);
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
    }

    @Test
    void manifestByDigest_thatIsSomethingElse() {
        String path = "/v2/a/b/manifests/" + Digest.sha256(new byte[] {9});
        upstream.on(path, FakeUpstream.bytes(200, MediaTypes.OCI_MANIFEST, new byte[] {'{', '}'}));
        Http.Response response = http.get(path);
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.body()).contains("\"UNKNOWN\"");
    }

    private static FakeUpstream.Reply redirectTo(String location) {
        return exchange -> {
            exchange.getResponseHeaders().set("Location", location);
            exchange.sendResponseHeaders(307, -1);
        };
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

    @Test
    void errors_ofProxiesBecomeTheRegistrys() {
        upstream.on(
                "/v2/a/b/manifests/x",
                FakeUpstream.bytes(502, "text/html", "<html>secret</html>".getBytes(StandardCharsets.UTF_8)));
        Http.Response response = http.get("/v2/a/b/manifests/x");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
        assertThat(response.body())
                .startsWith("{\"errors\":[{\"code\":\"UNKNOWN\"")
                .doesNotContain("secret");
    }

    @Test
    void errors_ofTheRegistryAreKept() {
        upstream.on("/v2/a/b/manifests/y", FakeUpstream.locked("Basic right", FakeUpstream.json(200, "{}")));
        Http.Response response = http.get("/v2/a/b/manifests/y", "Authorization: Basic wrong");
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.header("WWW-Authenticate")).hasValue("Basic realm=\"upstream\"");
        assertThat(response.body()).contains("authentication required");
        assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
        assertThat(http.get("/v2/a/b/manifests/y", "Authorization: Basic right").status())
                .isEqualTo(200);
    }

    /** Registries answer 405 to it; the upstream is asked with GET. */
    @Test
    void tags_headIsTheGetWithoutBody() {
        upstream.on("/v2/a/b/tags/list", FakeUpstream.json(200, "{\"name\":\"a/b\",\"tags\":[]}"));
        Http.Response response = http.head("/v2/a/b/tags/list");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Length")).hasValue("24");
        assertThat(response.body()).isEmpty();
        assertThat(upstream.asked())
                .singleElement()
                .satisfies(asked -> assertThat(asked.method()).isEqualTo("GET"));
    }

    @Test
    void tags_queryIsRebuiltAndTheNextPageIsHere() {
        upstream.on("/v2/a/b/tags/list", exchange -> {
            exchange.getResponseHeaders()
                    .set("Link", "<https://internal/base/v2/a/b/tags/list?n=2&last=v2>; rel=\"next\"");
            FakeUpstream.json(200, "{\"name\":\"a/b\",\"tags\":[]}").send(exchange);
        });
        Http.Response response = http.get("/v2/a/b/tags/list?last=v%31&n=2000&evil=%0d%0a");
        assertThat(response.header("Link")).hasValue("</v2/a/b/tags/list?n=2&last=v2>; rel=\"next\"");
        assertThat(upstream.asked())
                .singleElement()
                .satisfies(asked -> assertThat(asked.target()).isEqualTo("/v2/a/b/tags/list?n=1000&last=v1"));
        assertThat(http.get("/v2/a/b/tags/list?n=x").status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY", "FOO"})
    void otherMethods(String method) {
        for (String path : List.of("/v2/", "/v2/a/b/manifests/x", "/v2/a/b/blobs/uploads/", "/nowhere")) {
            Http.Response response = http.request(method, path, "Content-Length: 0");
            assertThat(response.status()).as(path).isEqualTo(405);
            assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
            assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
            assertThat(response.body()).contains("\"UNSUPPORTED\"");
        }
        assertThat(upstream.asked()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/a/../secret/manifests/x",
        "/v2/a/%2e%2e/secret/manifests/x",
        "/v2/a%2f..%2fsecret/manifests/x",
        "/v2/a//b/manifests/x",
        "//v2/a/manifests/x",
        "/v2/a;x=1/manifests/x",
        "/v2/a/manifests/x;y=1",
        "/v2/a/manifests/x%3fy",
        "/v2/a%5cb/manifests/x",
        "/v2/a/manifests/x%0d%0aX-Evil:%201",
        "/v2/a/manifests/%00",
        "/v2/a/manifests/%zz",
        "/v2/a/manifests/%",
        "/v2/a/blobs/sha256:abc",
        "/v2/a/blobs/sha256:" + "../../../../etc/passwd",
        "/v2/A/manifests/x",
        "/v2/%E2%84%AA/manifests/x",
        "/v2/a/manifests/..",
        "/v2/../v2/a/manifests/x",
        "/v2/./a/manifests/x",
        "/../v2/a/manifests/x",
        "/v2/@evil.example/manifests/x",
        "/v2/http://evil.example/manifests/x",
        "http://evil.example/v2/A/manifests/x",
        "/v2/a/tags/list/..",
        "/v2/a/manifests/x#fragment"
    })
    void hostilePaths(String path) {
        for (String method : List.of("GET", "HEAD")) {
            Http.Response response = http.request(method, path);
            assertThat(response.status()).as(method).isBetween(400, 499);
            if (method.equals("GET")) {
                assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
                assertThat(response.body()).startsWith("{\"errors\":[{\"code\":");
            }
        }
        assertThat(upstream.asked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v2/ HTTP/1.1\r\n\r\n",
                "GET /v2/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nAccept: b\r\n c\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nBad Header: b\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/1.1\r\nHost: a\r\nAuthorization: Basic a\r\nAuthorization: Basic b\r\nConnection: close\r\n\r\n",
                "GET /v2/a/manifests/x\r\n\r\n",
                "GET\r\n\r\n",
                "nonsense\r\n\r\n",
                "GET /v2/a/manifests/x HTTP/9.9\r\nHost: a\r\n\r\n"
            })
    void hostileRequests(String raw) {
        Http.Response response = http.raw(raw);
        assertThat(response.status()).isIn(400, 426, 505);
        assertThat(response.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
        assertThat(response.header("Docker-Distribution-Api-Version")).hasValue("registry/2.0");
        assertThat(response.headers()).doesNotContainKey("server");
        assertThat(upstream.asked()).isEmpty();
    }

    @Test
    void longHeaders_upToThirtyTwoKilobytes() {
        upstream.on("/v2/a/b/manifests/z", FakeUpstream.json(200, "{}"));
        assertThat(http.get("/v2/a/b/manifests/z", "Authorization: Bearer " + "x".repeat(24 << 10))
                        .status())
                .isEqualTo(200);
        Http.Response tooLong = http.get("/v2/", "Authorization: Bearer " + "x".repeat(40 << 10));
        assertThat(tooLong.status()).isEqualTo(431);
        assertThat(tooLong.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
        assertThat(http.get("/v2/" + "a".repeat(40 << 10) + "/tags/list").status())
                .isIn(414, 431);
    }

    @Test
    void body_isNeverCompressed() {
        byte[] text = "a".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        upstream.on("/v2/a/b/manifests/big", FakeUpstream.bytes(200, MediaTypes.OCI_MANIFEST, text));
        Http.Response response = http.get("/v2/a/b/manifests/big", "Accept-Encoding: gzip, deflate, br, zstd");
        assertThat(response.headers()).doesNotContainKey("content-encoding");
        assertThat(response.body()).hasSize(100_000);
    }

    @Test
    void upstream_closesWithoutAnAnswer() {
        upstream.on("/v2/a/b/manifests/reset", exchange -> {
            throw new IOException("broken on purpose");
        });
        Http.Response response = http.get("/v2/a/b/manifests/reset");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.body()).contains("\"UNKNOWN\"");
    }

    @Test
    void requests_areCountedUnderTheirRoute() {
        http.get("/v2/a/b/manifests/counted");
        await().untilAsserted(() -> assertThat(serving.meters()
                        .get("precast.serving.requests")
                        .tag("route", "manifest-by-tag")
                        .tag("origin", "upstream")
                        .tag("status", "404")
                        .timer()
                        .count())
                .isPositive());
    }
}
