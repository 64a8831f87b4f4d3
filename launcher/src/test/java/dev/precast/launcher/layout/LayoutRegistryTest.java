package dev.precast.launcher.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the bundled samples, as ingest and serving see them. */
class LayoutRegistryTest {
    private static final Path SAMPLES = Path.of("..", "examples", "samples");

    private final HttpClient client = HttpClient.newHttpClient();
    private LayoutRegistry registry;

    @BeforeEach
    void start() throws Exception {
        registry = LayoutRegistry.start(OciLayout.open(SAMPLES));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void manifest_byTagIsAsStoredWhateverIsAccepted() throws Exception {
        HttpResponse<byte[]> response = get("/v2/team/app/manifests/1.0", "application/json");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo(MediaTypes.OCI_INDEX);
        assertThat(header(response, "Docker-Content-Digest"))
                .isEqualTo(Digest.sha256(response.body()).toString());
    }

    @Test
    void manifest_ofDockerHasItsOwnType() throws Exception {
        HttpResponse<byte[]> response = get("/v2/library/hello/manifests/v1", "*/*");
        assertThat(header(response, "Content-Type")).isEqualTo(MediaTypes.SCHEMA2);
    }

    @Test
    void manifest_byDigestOfAChildHasItsType() throws Exception {
        String child = new ObjectMapper()
                .readTree(get("/v2/team/app/manifests/1.0", "*/*").body())
                .at("/manifests/1/digest")
                .asText();
        HttpResponse<byte[]> response = get("/v2/team/app/manifests/" + child, "*/*");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(Digest.sha256(response.body())).hasToString(child);
    }

    @Test
    void manifest_headHasTheLengthAndNoBody() throws Exception {
        long length = get("/v2/library/hello/manifests/v1", "*/*").body().length;
        HttpResponse<byte[]> head = client.send(
                HttpRequest.newBuilder(uri("/v2/library/hello/manifests/v1"))
                        .method("HEAD", HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "Content-Length")).isEqualTo(Long.toString(length));
        assertThat(head.body()).isEmpty();
    }

    @Test
    void blob_hasItsDigest() throws Exception {
        String config = new ObjectMapper()
                .readTree(get("/v2/library/hello/manifests/v1", "*/*").body())
                .at("/config/digest")
                .asText();
        HttpResponse<byte[]> response = get("/v2/library/hello/blobs/" + config, "*/*");
        assertThat(Digest.sha256(response.body())).hasToString(config);
        assertThat(header(response, "Content-Length")).isEqualTo(Integer.toString(response.body().length));
    }

    @Test
    void unknown_isAnsweredInTheRegistrysForm() throws Exception {
        String none = "sha256:" + "0".repeat(64);
        assertError(get("/v2/library/hello/manifests/v2", "*/*"), 404, "MANIFEST_UNKNOWN");
        assertError(get("/v2/library/hello/manifests/" + none, "*/*"), 404, "MANIFEST_UNKNOWN");
        assertError(get("/v2/library/hello/blobs/" + none, "*/*"), 404, "BLOB_UNKNOWN");
        assertError(get("/v2/library/other/tags/list", "*/*"), 404, "NAME_UNKNOWN");
        assertError(get("/v2/library/%2e%2e/manifests/v1", "*/*"), 404, "NAME_INVALID");
        assertError(get("/v2/Library/hello/manifests/v1", "*/*"), 404, "NAME_INVALID");
    }

    /** The layout keeps everybody's blobs in one place. */
    @Test
    void digest_isServedOnlyInARepositoryThatHasIt() throws Exception {
        ObjectMapper json = new ObjectMapper();
        String child = json.readTree(get("/v2/team/app/manifests/1.0", "*/*").body())
                .at("/manifests/0/digest")
                .asText();
        JsonNode image =
                json.readTree(get("/v2/team/app/manifests/" + child, "*/*").body());
        for (String other : List.of("library/hello", "no/such")) {
            assertError(get("/v2/" + other + "/manifests/" + child, "*/*"), 404, "MANIFEST_UNKNOWN");
            for (String blob : List.of("/config/digest", "/layers/0/digest")) {
                String path = "/blobs/" + image.at(blob).asText();
                assertThat(get("/v2/team/app" + path, "*/*").statusCode()).isEqualTo(200);
                assertError(get("/v2/" + other + path, "*/*"), 404, "BLOB_UNKNOWN");
            }
        }
    }

    @Test
    void digest_ofWhatComesLate_isServedThen(@TempDir Path copy) throws Exception {
        copySamples(copy);
        byte[] manifest = get("/v2/library/hello/manifests/v1", "*/*").body();
        Path file = copy.resolve("blobs/sha256").resolve(Digest.sha256(manifest).hex());
        try (LayoutRegistry late = LayoutRegistry.start(OciLayout.open(copy))) {
            URI blob = URI.create(late.url() + "/v2/library/hello/blobs/" + config(manifest));
            Files.delete(file);
            assertThat(status(blob)).isEqualTo(404);
            Files.write(file, manifest);
            assertThat(status(blob)).isEqualTo(200);
        }
    }

    @Test
    void digest_ofATagThatMoved_isServedUntilTheRepositoryIsGone(@TempDir Path copy) throws Exception {
        copySamples(copy);
        byte[] manifest = get("/v2/library/hello/manifests/v1", "*/*").body();
        Path index = copy.resolve("index.json");
        String before = Files.readString(index);
        try (LayoutRegistry moving = LayoutRegistry.start(OciLayout.open(copy))) {
            URI blob = URI.create(moving.url() + "/v2/library/hello/blobs/" + config(manifest));
            assertThat(status(blob)).isEqualTo(200);
            String other = Digest.sha256(
                            get("/v2/team/app/manifests/1.0", "*/*").body())
                    .toString();
            Files.writeString(index, before.replace(Digest.sha256(manifest).toString(), other) + "\n");
            assertThat(status(blob)).isEqualTo(200);
            Files.writeString(index, "{\"schemaVersion\":2,\"manifests\":[]}");
            assertThat(status(blob)).isEqualTo(404);
        }
    }

    private static void copySamples(Path copy) throws IOException {
        try (Stream<Path> files = Files.walk(SAMPLES)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(SAMPLES.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static String config(byte[] manifest) throws IOException {
        return new ObjectMapper().readTree(manifest).at("/config/digest").asText();
    }

    private int status(URI uri) throws Exception {
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void lists_nameWhatThereIs() throws Exception {
        assertThat(text(get("/v2/_catalog", "*/*")))
                .isEqualTo("{\"repositories\":[\"library/hello\",\"org/team/deep\",\"samples/zstd\",\"team/app\"]}");
        assertThat(text(get("/v2/library/hello/tags/list", "*/*")))
                .isEqualTo("{\"name\":\"library/hello\",\"tags\":[\"v1\"]}");
        assertThat(text(get("/v2/", "*/*"))).isEqualTo("{}");
    }

    @Test
    void post_isUnsupported() throws Exception {
        HttpResponse<byte[]> response = client.send(
                HttpRequest.newBuilder(uri("/v2/library/hello/blobs/uploads/"))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertError(response, 405, "UNSUPPORTED");
    }

    @Test
    void open_refusedWhenTheDirectoryIsNoLayout(@TempDir Path empty) {
        assertThatThrownBy(() -> OciLayout.open(empty))
                .isInstanceOf(LayoutException.class)
                .hasMessageContaining("no file oci-layout");
    }

    @Test
    void open_refusedWhenTheIndexIsBroken(@TempDir Path broken) throws Exception {
        Files.writeString(broken.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(broken.resolve("index.json"), "{\"manifests\":");
        assertThatThrownBy(() -> OciLayout.open(broken))
                .isInstanceOf(LayoutException.class)
                .hasMessageContaining("index.json");
    }

    private static void assertError(HttpResponse<byte[]> response, int status, String code) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(text(response)).contains("\"code\":\"" + code + "\"");
    }

    private HttpResponse<byte[]> get(String path, String accept) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path)).header("Accept", accept).build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private URI uri(String path) {
        return URI.create(registry.url() + path);
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), java.nio.charset.StandardCharsets.UTF_8).strip();
    }
}
