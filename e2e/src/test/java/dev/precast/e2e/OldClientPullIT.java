package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.JibClient;
import dev.precast.e2e.client.NodeClient;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.image.PulledLayout;
import dev.precast.e2e.tool.AcceptProxy;
import dev.precast.e2e.tool.Converting;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.Schema1;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three differently named images are pushed to a registry and pulled from Precast by clients that know only schema 1. */
@Converting
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OldClientPullIT {
    private static final String[] SCHEMA1_ONLY = {MediaTypes.SCHEMA1_SIGNED, MediaTypes.SCHEMA1};

    private final Map<String, ExampleImage> images = new LinkedHashMap<>();
    private Stack stack;

    @BeforeAll
    void push(Stack stack) {
        this.stack = stack;
        images.put("library/hello:v1", ExampleImage.saying("hello"));
        images.put("team/app:1.0", ExampleImage.saying("an app"));
        images.put("org/team/deep:latest", ExampleImage.saying("deep"));
        images.forEach((name, image) -> {
            String[] parts = name.split(":");
            stack.pushAndAwait(image, parts[0], parts[1], Skopeo.Format.SCHEMA2);
        });
    }

    @Needs({ExternalTool.NODE, ExternalTool.NPM})
    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void nodeClient_pullsByTagAndByDigest(String repository, String tag) {
        NodeClient.Pull pull = NodeClient.install().pull(stack.precast().address(), repository, tag);
        assertThat(pull.failure()).isEmpty();
        assertThat(pull.digest()).contains(manifest(repository, tag).digest());
    }

    @Needs(ExternalTool.NGINX)
    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void skopeo_thatGetsOnlySchema1_copiesByTagAndByDigest(String repository, String tag, @TempDir Path folder) {
        ExampleImage image = image(repository, tag);
        String digest = manifest(repository, tag).digest();
        try (AcceptProxy front = AcceptProxy.start(
                folder.resolve("nginx"), stack.precast().address(), String.join(", ", SCHEMA1_ONLY))) {
            pullWithSkopeo(front, repository + ":" + tag, folder.resolve("by-tag"), image);
            pullWithSkopeo(front, repository + "@" + digest, folder.resolve("by-digest"), image);
            assertThat(front.answers())
                    .contains("200 " + MediaTypes.SCHEMA1_SIGNED + " /v2/" + repository + "/manifests/" + tag)
                    .contains("200 " + MediaTypes.SCHEMA1_SIGNED + " /v2/" + repository + "/manifests/" + digest);
        }
    }

    private void pullWithSkopeo(AcceptProxy front, String reference, Path folder, ExampleImage image) {
        stack.skopeo()
                .pull(front.address(), reference, "oci:" + folder + ":pulled")
                .requireSuccess();
        PulledLayout layout = PulledLayout.read(folder);
        assertThat(layout.diffIdsOfLayers()).isEqualTo(layout.diffIdsOfConfig());
        assertThat(layout.diffIdsOfConfig()).isEqualTo(image.diffIds());
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void jib_askingForV21_pullsByTagAndByDigest(String repository, String tag) throws Exception {
        String address = stack.precast().address();
        JibClient.Pulled byTag = JibClient.pull(address, repository, tag);
        assertThat(byTag.architecture()).isEqualTo("amd64");
        assertThat(byTag.layers()).hasSize(6);
        assertThat(JibClient.pull(address, repository, manifest(repository, tag).digest()))
                .isEqualTo(byTag);
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void payload_isWhatDistributionMakes(String repository, String tag) {
        Answer ours = manifest(repository, tag);
        Answer theirs = stack.upstream().get("/v2/" + repository + "/manifests/" + tag, SCHEMA1_ONLY);
        assertThat(theirs.header("Precast-Origin")).isEmpty();
        assertThat(Schema1.payload(ours.body())).isEqualTo(Schema1.payload(theirs.body()));
        assertThat(ours.digest()).isEqualTo(theirs.digest());
        assertThat(ours.contentType()).isEqualTo(theirs.contentType());
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void manifest_saysWhatItIs(String repository, String tag) {
        Answer answer = manifest(repository, tag);
        assertThat(answer.header("ETag")).contains("\"" + answer.digest() + "\"");
        assertThat(answer.header("Vary")).contains("Accept, Authorization");
        assertThat(answer.header("Docker-Distribution-Api-Version")).contains("registry/2.0");
        assertThat(answer.header("Content-Length")).contains(Integer.toString(answer.body().length));
        assertThat(answer.digest())
                .isEqualTo(Digest.sha256(Schema1.payload(answer.body())).toString());
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void head_isGetWithoutTheBody(String repository, String tag) {
        String byTag = "/v2/" + repository + "/manifests/" + tag;
        String byDigest =
                "/v2/" + repository + "/manifests/" + manifest(repository, tag).digest();
        String layer = "/v2/" + repository + "/blobs/"
                + manifest(repository, tag).json().at("/fsLayers/1/blobSum").asText();
        for (String path : new String[] {byTag, byDigest, layer, emptyLayer(repository)}) {
            Answer get = stack.served().get(path, SCHEMA1_ONLY);
            Answer head = stack.served().head(path, SCHEMA1_ONLY);
            assertThat(head.status()).as(path).isEqualTo(get.status()).isEqualTo(200);
            assertThat(head.body()).as(path).isEmpty();
            for (String header : new String[] {"Content-Length", "Content-Type", "Docker-Content-Digest", "ETag"}) {
                assertThat(head.header(header)).as(path + " " + header).isEqualTo(get.header(header));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void emptyLayer_isServed(String repository, String tag) {
        assertThat(manifest(repository, tag).json().findValuesAsText("blobSum"))
                .contains(Digest.EMPTY_LAYER.toString());
        Answer answer = stack.served().get(emptyLayer(repository));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).hasSize(32);
        assertThat(Digest.sha256(answer.body())).isEqualTo(Digest.EMPTY_LAYER);
    }

    private Answer manifest(String repository, String tag) {
        Answer answer = stack.served().get("/v2/" + repository + "/manifests/" + tag, SCHEMA1_ONLY);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
        assertThat(answer.header("Precast-Origin").orElse("none")).startsWith("converted; from=sha256:");
        return answer;
    }

    private ExampleImage image(String repository, String tag) {
        return Objects.requireNonNull(images.get(repository + ":" + tag));
    }

    private static String emptyLayer(String repository) {
        return "/v2/" + repository + "/blobs/" + Digest.EMPTY_LAYER;
    }
}
