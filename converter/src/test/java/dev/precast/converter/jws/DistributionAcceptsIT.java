package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.DockerRegistry;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
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
    private DockerRegistry registry;

    static Stream<List<SigningKey>> signers() {
        return Stream.concat(Fixtures.keys().stream().map(List::of), Stream.of(Fixtures.keys()));
    }

    @BeforeAll
    void startRegistry() throws IOException, InterruptedException {
        assumeTrue(DockerRegistry.available(), DockerRegistry.HOW_TO_GET);
        registry = DockerRegistry.start();
        assertThat(registry.pushBlob("team/app", EMPTY_LAYER)).isEqualTo(Digest.EMPTY_LAYER);
    }

    @AfterAll
    void stopRegistry() throws IOException {
        if (registry != null) {
            registry.close();
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
                HttpRequest.newBuilder(registry.uri().resolve("/v2/team/app/manifests/v1"))
                        .header("Content-Type", MediaTypes.SCHEMA1_SIGNED)
                        .PUT(BodyPublishers.ofByteArray(manifest))
                        .build(),
                BodyHandlers.ofString());
    }
}
