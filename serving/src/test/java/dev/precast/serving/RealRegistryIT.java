package dev.precast.serving;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.DockerRegistry;
import dev.precast.testkit.KafkaExtension;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** In front of a real Docker Distribution, with nothing converted: its own answers, byte for byte. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealRegistryIT {
    private static final String SCHEMA2 = "Accept: " + MediaTypes.SCHEMA2;

    private DockerRegistry registry;
    private Serving serving;
    private Http here;
    private Http there;
    private Digest layer;
    private Digest manifest;

    @BeforeAll
    void start(KafkaConfig kafka, @TempDir Path data) throws Exception {
        assumeTrue(DockerRegistry.available(), DockerRegistry.HOW_TO_GET);
        registry = DockerRegistry.start();
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        layer = registry.pushBlob("org/team/deep", bytes);
        byte[] configBytes =
                ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + layer
                                + "\"]},\"history\":[{\"created\":\"2020-01-01T00:00:00Z\"}]}")
                        .getBytes(UTF_8);
        Digest config = registry.pushBlob("org/team/deep", configBytes);
        byte[] content = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.SCHEMA2
                        + "\",\"config\":{\"mediaType\":\""
                        + MediaTypes.SCHEMA2_CONFIG + "\",\"size\":" + configBytes.length + ",\"digest\":\"" + config
                        + "\"},\"layers\":[{\"mediaType\":\"" + MediaTypes.SCHEMA2_LAYER + "\",\"size\":" + bytes.length
                        + ",\"digest\":\"" + layer + "\"}]}")
                .getBytes(UTF_8);
        manifest = registry.pushManifest("org/team/deep", "latest", MediaTypes.SCHEMA2, content);
        serving = Serving.start(kafka, registry.uri(), data).ready();
        here = serving.http();
        there = new Http(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), registry.uri().getPort()));
    }

    @AfterAll
    void stop() throws Exception {
        if (serving != null) {
            serving.close();
        }
        if (registry != null) {
            registry.close();
        }
    }

    @Test
    void everyRead_isTheRegistrysOwn() {
        String repository = "/v2/org/team/deep";
        for (String method : List.of("GET", "HEAD")) {
            same(method, "/v2/");
            same(method, repository + "/manifests/latest", SCHEMA2);
            same(method, repository + "/manifests/latest", SCHEMA2, "If-None-Match: \"" + manifest + "\"");
            same(method, repository + "/manifests/" + manifest, SCHEMA2);
            same(method, repository + "/manifests/nosuch", SCHEMA2);
            same(method, repository + "/manifests/" + Digest.sha256(new byte[0]), SCHEMA2);
            same(method, repository + "/blobs/" + layer);
            same(method, repository + "/blobs/" + layer, "Range: bytes=100-299");
            same(method, repository + "/blobs/" + Digest.sha256(new byte[] {1}));
            same(method, "/v2/no/such/manifests/x");
        }
        same("GET", repository + "/tags/list");
        same("GET", "/v2/no/such/tags/list");
        same("GET", "/v2/_catalog?n=1");
    }

    @Test
    void oldClient_getsWhatTheRegistryConverts() {
        Http.Response response = here.get("/v2/org/team/deep/manifests/latest");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.header("Content-Type")).hasValue(MediaTypes.SCHEMA1_SIGNED);
        assertThat(response.header("Precast-Origin")).hasValue("upstream");
    }

    private void same(String method, String target, String... headers) {
        Http.Response mine = here.request(method, target, headers);
        Http.Response theirs = there.request(method, target, headers);
        String what = method + " " + target;
        assertThat(mine.status()).as(what).isEqualTo(theirs.status());
        assertThat(mine.body().equals(theirs.body())).as("body of " + what).isTrue();
        for (String name : List.of(
                "Content-Type",
                "Content-Length",
                "Docker-Content-Digest",
                "ETag",
                "Content-Range",
                "Accept-Ranges",
                "Docker-Distribution-Api-Version")) {
            assertThat(mine.header(name)).as("%s of %s", name, what).isEqualTo(theirs.header(name));
        }
    }
}
