package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.Converting;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.DockerClient;
import dev.precast.testkit.client.DockerClient.Generation;
import dev.precast.testkit.client.DockerClient.Pulled;
import dev.precast.testkit.client.RawHttp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every generation of Docker, and containerd, pull what they can read of each stored form, with the requests that they really
 * send and the checks that they really make.
 */
@Converting
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientGenerationsIT {
    private static final long SEED = System.nanoTime();

    private final ExampleImage image = ExampleImage.saying("for every generation");
    private Stack stack;

    @BeforeAll
    void push(Stack stack) {
        System.out.println("ClientGenerationsIT: seed " + SEED);
        this.stack = stack;
        stack.pushAndAwait(image, "every/schema2", "v1", Skopeo.Format.SCHEMA2);
        stack.pushAndAwait(image, "every/oci", "v1", Skopeo.Format.OCI);
        String index = stack.pushIndex("every/index", "v1", image.on("arm64"), image);
        stack.awaitConverted("every/index", "v1", index, MediaTypes.MANIFEST_LIST);
    }

    @ParameterizedTest
    @CsvSource({
        "DOCKER_1_6, every/schema2, manifest.v1+prettyjws",
        "DOCKER_1_6, every/oci, manifest.v1+prettyjws",
        "DOCKER_1_6, every/index, manifest.v1+prettyjws",
        "DOCKER_1_9, every/schema2, manifest.v1+prettyjws",
        "DOCKER_1_9, every/oci, manifest.v1+prettyjws",
        "DOCKER_1_9, every/index, manifest.v1+prettyjws",
        "DOCKER_1_13, every/schema2, distribution.manifest.v2+json",
        "DOCKER_1_13, every/oci, distribution.manifest.v2+json",
        "DOCKER_1_13, every/index, distribution.manifest.list.v2+json",
        "DOCKER_20_10, every/schema2, distribution.manifest.v2+json",
        "DOCKER_20_10, every/oci, oci.image.manifest.v1+json",
        "DOCKER_20_10, every/index, oci.image.index.v1+json",
        "CONTAINERD, every/schema2, distribution.manifest.v2+json",
        "CONTAINERD, every/oci, oci.image.manifest.v1+json",
        "CONTAINERD, every/index, oci.image.index.v1+json"
    })
    void client_pullsTheFormThatItReads(Generation generation, String repository, String type) throws Exception {
        Pulled pulled = new DockerClient(stack.precast().url(), generation, SEED).pull(repository, "v1");
        assertThat(pulled.mediaType()).endsWith(type);
        assertThat(pulled.diffContents().stream().map(ClientGenerationsIT::diffId))
                .containsExactlyElementsOf(image.diffIds());
    }

    /** Modern clients get what the registry has, byte for byte and under the same digest. */
    @ParameterizedTest
    @CsvSource({
        "DOCKER_20_10, every/schema2",
        "DOCKER_20_10, every/oci",
        "DOCKER_20_10, every/index",
        "CONTAINERD, every/schema2",
        "CONTAINERD, every/oci",
        "CONTAINERD, every/index"
    })
    void modernClient_isPassedThrough(Generation generation, String repository) {
        Pulled ours = new DockerClient(stack.precast().url(), generation, SEED).pull(repository, "v1");
        Pulled theirs = new DockerClient(stack.registry().uri(), generation, SEED).pull(repository, "v1");
        assertThat(ours.digest()).isEqualTo(theirs.digest());
        assertThat(ours.manifest()).isEqualTo(theirs.manifest());
    }

    /** What HEAD names by tag, GET returns by digest, whatever the client reads: else Docker 20.10 and newer warn. */
    @ParameterizedTest
    @CsvSource({
        "every/schema2, manifest.v1+prettyjws",
        "every/oci, manifest.v1+prettyjws",
        "every/oci, distribution.manifest.v2+json",
        "every/index, manifest.v1+prettyjws",
        "every/index, distribution.manifest.v2+json",
        "every/index, distribution.manifest.list.v2+json"
    })
    void digestOfHead_isWhatGetByDigestReturns(String repository, String type) {
        RawHttp http = new RawHttp(stack.precast().url());
        String accept = type.startsWith("manifest") ? MediaTypes.SCHEMA1_SIGNED : "application/vnd.docker." + type;
        List<String> lines = List.of("Accept: " + accept);
        String path = "/v2/" + repository + "/manifests/";
        RawHttp.Answer head = http.request("HEAD", path + "v1", lines);
        RawHttp.Answer byTag = http.request("GET", path + "v1", lines);
        RawHttp.Answer byDigest =
                http.request("GET", path + head.header("Docker-Content-Digest").orElse("none"), lines);
        assertThat(byDigest.status()).isEqualTo(200);
        assertThat(byDigest.body()).isEqualTo(byTag.body());
        for (String header : List.of("Docker-Content-Digest", "ETag", "Content-Type", "Content-Length")) {
            assertThat(head.header(header)).as(header).isPresent();
            assertThat(byTag.header(header)).as(header).isEqualTo(head.header(header));
            assertThat(byDigest.header(header)).as(header).isEqualTo(head.header(header));
        }
    }

    /** The pull part of the OCI distribution-spec v1.1. */
    @ParameterizedTest
    @CsvSource({
        "GET, /v2/every/oci/manifests/sha256:abc, 400, DIGEST_INVALID",
        "GET, /v2/every/oci/blobs/sha256:abc, 400, DIGEST_INVALID",
        "GET, /v2/every/oci/blobs/md5:d41d8cd98f00b204e9800998ecf8427e, 400, DIGEST_INVALID",
        "GET, /v2/every/oci/manifests/absent, 404, MANIFEST_UNKNOWN",
        "GET, /v2/Every/oci/manifests/v1, 400, NAME_INVALID",
        "PUT, /v2/every/oci/manifests/v1, 405, UNSUPPORTED"
    })
    void specPull_errors(String method, String path, int status, String code) {
        RawHttp.Answer answer = new RawHttp(stack.precast().url()).request(method, path, List.of());
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).contains("\"errors\":[{\"code\":\"" + code + "\"");
        RawHttp.Answer head = new RawHttp(stack.precast().url()).request("HEAD", path, List.of());
        assertThat(head.body()).isEmpty();
        if (method.equals("GET")) {
            assertThat(head.status()).isEqualTo(status);
        }
    }

    @Test
    void specPull_rangeOfABlob() {
        RawHttp http = new RawHttp(stack.precast().url());
        String layer = stack.upstream()
                .get("/v2/every/oci/manifests/v1", MediaTypes.OCI_MANIFEST)
                .json()
                .at("/layers/0/digest")
                .asText();
        byte[] whole =
                http.request("GET", "/v2/every/oci/blobs/" + layer, List.of()).body();
        RawHttp.Answer part = http.request("GET", "/v2/every/oci/blobs/" + layer, List.of("Range: bytes=5-14"));
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).hasValue("bytes 5-14/" + whole.length);
        assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(whole, 5, 15));
        RawHttp.Answer head = http.request("HEAD", "/v2/every/oci/blobs/" + layer, List.of());
        assertThat(head.header("Content-Length")).hasValue(Integer.toString(whole.length));
    }

    private static Digest diffId(byte[] layer) {
        try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(layer))) {
            return Digest.sha256(unpacked.readAllBytes());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
