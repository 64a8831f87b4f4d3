package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An outside judge: Docker Distribution 2.8 checks every signature of a schema 1 manifest that is pushed to it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DistributionAcceptsIT {
    private static final Instant TIME = Instant.parse("2026-11-23T12:00:00Z");
    private static final byte[] EMPTY_LAYER =
            Base64.getDecoder().decode("H4sIAAAJbogA/2IYBaNgFIxYAAgAAP//Lq+17wAEAAA=");

    private static final byte[] PAYLOAD =
            """
            {
               "schemaVersion": 1,
               "name": "team/app",
               "tag": "v1",
               "architecture": "amd64",
               "fsLayers": [
                  {
                     "blobSum": "%s"
                  }
               ],
               "history": [
                  {
                     "v1Compatibility": "{\\"id\\":\\"%s\\",\\"author\\":\\"Zoë \\\\u003c日本\\\\u003e\\"}"
                  }
               ]
            }""".formatted(Digest.EMPTY_LAYER, "a".repeat(64)).getBytes(UTF_8);

    private final HttpClient http = HttpClient.newHttpClient();
    private Process registry;
    private URI repository;

    static Stream<List<SigningKey>> signers() {
        return Stream.concat(Fixtures.keys().stream().map(List::of), Stream.of(Fixtures.keys()));
    }

    @BeforeAll
    void startRegistry(@TempDir Path folder) throws IOException, InterruptedException {
        boolean installed = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "docker-registry")));
        assumeTrue(installed, "docker-registry is not installed (Debian: apt-get install docker-registry)");
        int port = freePort();
        Path config = Files.writeString(folder.resolve("registry.yml"), """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: "%s"}}
                http: {addr: "127.0.0.1:%d"}
                compatibility: {schema1: {enabled: true}}
                """.formatted(folder.resolve("data"), port));
        registry = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        repository = URI.create("http://127.0.0.1:" + port + "/v2/team/app/");
        awaitRegistry();
        pushEmptyLayer();
    }

    @AfterAll
    void stopRegistry() throws InterruptedException {
        if (registry != null) {
            registry.destroy();
            if (!registry.waitFor(10, TimeUnit.SECONDS)) {
                registry.destroyForcibly();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("signers")
    void push_isAccepted(List<SigningKey> keys) throws IOException, InterruptedException {
        HttpResponse<String> response = push(ManifestSigner.sign(PAYLOAD, keys, TIME));

        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        assertThat(response.headers().firstValue("Docker-Content-Digest"))
                .hasValue(Digest.sha256(PAYLOAD).toString());
    }

    /** That it does check: the same manifest with another tag in it. */
    @Test
    void push_ofAChangedPayloadIsRefused() throws IOException, InterruptedException {
        String manifest =
                new String(ManifestSigner.sign(PAYLOAD, List.of(Fixtures.key("ec-p256.sec1.pem")), TIME), UTF_8);

        HttpResponse<String> response =
                push(manifest.replace("\"tag\": \"v1\"", "\"tag\": \"v2\"").getBytes(UTF_8));

        assertThat(response.body()).contains("MANIFEST_UNVERIFIED");
    }

    private HttpResponse<String> push(byte[] manifest) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(repository.resolve("manifests/v1"))
                        .header("Content-Type", MediaTypes.SCHEMA1_SIGNED)
                        .PUT(BodyPublishers.ofByteArray(manifest))
                        .build(),
                BodyHandlers.ofString());
    }

    private void pushEmptyLayer() throws IOException, InterruptedException {
        HttpResponse<String> started = http.send(
                HttpRequest.newBuilder(repository.resolve("blobs/uploads/"))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        String location = started.headers().firstValue("Location").orElseThrow();
        HttpResponse<String> done = http.send(
                HttpRequest.newBuilder(URI.create(location + "&digest=" + Digest.EMPTY_LAYER))
                        .header("Content-Type", MediaTypes.OCTET_STREAM)
                        .PUT(BodyPublishers.ofByteArray(EMPTY_LAYER))
                        .build(),
                BodyHandlers.ofString());
        assertThat(done.statusCode()).as(done.body()).isEqualTo(201);
    }

    private void awaitRegistry() throws InterruptedException {
        HttpRequest ping = HttpRequest.newBuilder(repository.resolve("/v2/"))
                .timeout(Duration.ofSeconds(5))
                .build();
        for (int i = 0; i < 200 && registry.isAlive(); i++) {
            try {
                http.send(ping, BodyHandlers.discarding());
                return;
            } catch (IOException e) {
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("docker-registry does not answer; it is alive: " + registry.isAlive());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
