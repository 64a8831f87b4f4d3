package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the upstream may send us for a blob, and what goes with us. */
class BlobRedirectIT extends BeforeAnUpstream {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String BLOB = "/v2/a/b/blobs/" + Digest.sha256(CONTENT);

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

    /** It would send a client's password to whoever asks. */
    @Test
    void blob_challengeOfAStoreIsNobodys() {
        try (FakeUpstream store = new FakeUpstream()) {
            store.on("/x", FakeUpstream.locked("Basic nobody", FakeUpstream.json(200, "{}")));
            upstream.on(BLOB, redirectTo("http://localhost:" + store.url().getPort() + "/x"));
            Http.Response response = http.get(BLOB, "Authorization: Basic x");
            assertThat(response.status()).isEqualTo(502);
            assertThat(response.headers()).doesNotContainKey("www-authenticate");
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
    void blob_redirectToANameWhoseAddressIsNotPublic(KafkaConfig kafka, @TempDir Path data) {
        // Far longer than a name is looked up: one that nobody answers for leads nowhere, and is no timeout.
        try (Serving other = Serving.start(kafka, upstream.url(), data, ServingConfig.REGISTRY_TIMEOUT, "30000")) {
            for (String name : List.of("localhost", "no.such.name.invalid")) {
                upstream.on(BLOB, redirectTo("https://" + name + ":1/x"));
                Http.Response response = other.http().get(BLOB);
                assertThat(response.status()).as(name).isEqualTo(502);
                assertThat(response.body()).contains("redirects to where nobody may go");
            }
        }
    }

    @Test
    void manifest_redirectIsRefused() {
        upstream.on("/v2/a/b/manifests/elsewhere", redirectTo("/v2/a/b/manifests/x"));
        assertThat(http.get("/v2/a/b/manifests/elsewhere").status()).isEqualTo(502);
        assertThat(upstream.asked()).hasSize(1);
    }
}
