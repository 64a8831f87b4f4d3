package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What is the upstream's comes from the upstream, and nothing else goes there. */
class PassThroughIT extends BeforeAnUpstream {
    @Test
    void manifestByDigest_thatIsSomethingElse() {
        String path = "/v2/a/b/manifests/" + Digest.sha256(new byte[] {9});
        upstream.on(path, exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "public, max-age=5");
            exchange.getResponseHeaders().set("ETag", "\"x\"");
            FakeUpstream.bytes(200, MediaTypes.OCI_MANIFEST, new byte[] {'{', '}'})
                    .send(exchange);
        });
        Http.Response response = http.get(path, "Authorization: Basic x");
        assertThat(response.status()).isEqualTo(502);
        assertThat(response.body()).contains("\"UNKNOWN\"");
        assertThat(response.headers().get("cache-control")).containsExactly("private");
        assertThat(response.headers().get("vary")).containsExactly("Accept, Authorization");
        assertThat(response.headers().get("docker-distribution-api-version")).containsExactly("registry/2.0");
        assertThat(response.headers()).containsKey("x-content-type-options").doesNotContainKey("etag");
    }

    @Test
    void ping_longerThanIsRemembered_isHandedOn() {
        byte[] body = ("{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"" + "x".repeat(10_000) + "\"}]}")
                .getBytes(StandardCharsets.UTF_8);
        upstream.on("/v2/", exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"upstream\"");
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(401, 0); // Without a length.
            exchange.getResponseBody().write(body);
        });
        Http.Response response = http.raw("GET /v2/ HTTP/1.0\r\n\r\n");
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.header("WWW-Authenticate")).hasValue("Basic realm=\"upstream\"");
        assertThat(response.body()).isEqualTo(new String(body, StandardCharsets.UTF_8));
        upstream.on("/v2/", FakeUpstream.json(200, "{}"));
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

    @Test
    void referrers_areTheUpstreams() {
        String path = "/v2/a/b/referrers/" + Digest.EMPTY_LAYER;
        upstream.on(path, exchange -> {
            exchange.getResponseHeaders().set("OCI-Filters-Applied", "artifactType");
            exchange.getResponseHeaders().set("Link", "<" + path + "?token=x>; rel=\"next\"");
            FakeUpstream.bytes(200, MediaTypes.OCI_INDEX, new byte[] {'{', '}'}).send(exchange);
        });
        Http.Response response =
                http.get(path + "?n=1&artifactType=application%2Fx.b+json&evil=%0d%0a", "Authorization: Basic x");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{}");
        assertThat(response.header("Content-Type")).hasValue(MediaTypes.OCI_INDEX);
        assertThat(response.header("OCI-Filters-Applied")).hasValue("artifactType");
        assertThat(response.headers()).doesNotContainKey("link");
        assertThat(upstream.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.target()).isEqualTo(path + "?artifactType=application%2Fx.b%2Bjson");
            assertThat(asked.headers().get("Authorization")).containsExactly("Basic x");
        });
        assertThat(http.head(path).header("Content-Length")).hasValue("2");
        assertThat(http.get(path + "?artifactType=no").status()).isEqualTo(400);
        assertThat(http.get("/v2/a/b/referrers/sha256:abc").status()).isEqualTo(400);
    }

    /** A registry without them says 404, and clients look for a tag instead. */
    @Test
    void referrers_thatTheUpstreamDoesNotKnow() {
        String path = "/v2/a/none/referrers/" + Digest.EMPTY_LAYER;
        upstream.on(path, FakeUpstream.bytes(404, "text/plain", new byte[] {'n', 'o'}));
        Http.Response response = http.get(path);
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.body()).startsWith("{\"errors\":[{\"code\":\"NAME_UNKNOWN\"");
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
