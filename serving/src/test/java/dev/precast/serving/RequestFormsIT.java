package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no registry client sends: refused in the registry's form, and unknown to the upstream. */
class RequestFormsIT extends BeforeAnUpstream {
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
}
