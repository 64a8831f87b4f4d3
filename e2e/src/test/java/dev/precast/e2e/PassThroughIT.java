package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.Schema1;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Without {@code --convert} Precast answers what the registry answers. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PassThroughIT {
    private static final String[][] ACCEPTS = {
        {},
        {"*/*"},
        {MediaTypes.SCHEMA1_SIGNED},
        {MediaTypes.SCHEMA2},
        {MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST, MediaTypes.SCHEMA1_SIGNED},
        {MediaTypes.MANIFEST_LIST},
        {MediaTypes.OCI_MANIFEST},
        {MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX, MediaTypes.SCHEMA2 + ", " + MediaTypes.MANIFEST_LIST}
    };

    private Stack stack;
    private String schema2Digest;
    private String ociDigest;
    private String layer;

    @BeforeAll
    void push() {
        stack = Stack.start();
        ExampleImage image = ExampleImage.saying("as it is");
        schema2Digest = stack.push(image, "plain/schema2", "1", Skopeo.Format.SCHEMA2);
        ociDigest = stack.push(image, "plain/oci", "1", Skopeo.Format.OCI);
        stack.pushIndex("plain/index", "1", image, image.on("arm64"));
        layer = stack.upstream()
                .get("/v2/plain/schema2/manifests/1", MediaTypes.SCHEMA2)
                .json()
                .at("/layers/0/digest")
                .asText();
    }

    @AfterAll
    void stop() {
        stack.close();
    }

    List<String> paths() {
        return List.of(
                "/v2/",
                "/v2/plain/schema2/manifests/1",
                "/v2/plain/schema2/manifests/" + schema2Digest,
                "/v2/plain/oci/manifests/1",
                "/v2/plain/oci/manifests/" + ociDigest,
                "/v2/plain/index/manifests/1",
                "/v2/plain/schema2/manifests/absent",
                "/v2/plain/schema2/manifests/sha256:" + "0".repeat(64),
                "/v2/plain/absent/manifests/1",
                "/v2/plain/schema2/blobs/" + layer,
                "/v2/plain/schema2/blobs/sha256:" + "0".repeat(64),
                "/v2/plain/oci/blobs/" + Digest.EMPTY_LAYER,
                "/v2/plain/schema2/tags/list",
                "/v2/plain/absent/tags/list",
                "/v2/_catalog",
                "/v2/_catalog?n=1");
    }

    @ParameterizedTest
    @MethodSource("paths")
    void answer_isTheOneOfTheRegistry(String path) {
        for (String[] accepts : ACCEPTS) {
            Answer theirs = stack.upstream().get(path, accepts);
            Answer ours = stack.served().get(path, accepts);
            String question = path + " Accept: " + List.of(accepts);
            assertThat(ours.status()).as(question).isEqualTo(theirs.status());
            assertThat(comparable(ours)).as(question).isEqualTo(comparable(theirs));
            assertSameHeaders(question, ours, theirs);
            // The registry refuses HEAD of lists; Precast answers every HEAD as it answers the GET.
            boolean list = path.contains("/tags/list") || path.contains("/_catalog");
            theirs = list ? theirs : stack.upstream().head(path, accepts);
            ours = stack.served().head(path, accepts);
            assertThat(ours.status()).as("HEAD " + question).isEqualTo(theirs.status());
            assertSameHeaders("HEAD " + question, ours, theirs);
        }
    }

    private static void assertSameHeaders(String question, Answer ours, Answer theirs) {
        for (String header : new String[] {"Content-Type", "Docker-Content-Digest", "Content-Length"}) {
            assertThat(ours.header(header)).as(question + " " + header).isEqualTo(theirs.header(header));
        }
    }

    /** The body; of schema 1 the payload, because Distribution signs anew at every request. */
    private static byte[] comparable(Answer answer) {
        return answer.contentType().equals(MediaTypes.SCHEMA1_SIGNED) ? Schema1.payload(answer.body()) : answer.body();
    }
}
