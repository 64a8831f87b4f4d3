package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.JibClient;
import dev.precast.e2e.client.NodeClient;
import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.client.Schema1;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ./precast up} with nothing else installed: the bundled samples, with conversion on, as soon as it says ready. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SampleImagesIT {
    private final Path folder = Stack.newFolder();
    private Precast precast;
    private RegistryReader served;

    @BeforeAll
    void start() {
        precast = Precast.up(folder, Precast.Listen.free());
        served = new RegistryReader(precast.url());
    }

    @AfterAll
    void stop() {
        precast.close();
    }

    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void sample_isServedAsSchema1(String repository, String tag) throws Exception {
        Answer answer = served.get("/v2/" + repository + "/manifests/" + tag);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.contentType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
        assertThat(answer.digest())
                .isEqualTo(Digest.sha256(Schema1.payload(answer.body())).toString());
        assertThat(answer.json().path("name").asText()).isEqualTo(repository);
        assertThat(JibClient.pull(precast.address(), repository, tag).architecture())
                .isEqualTo("amd64");
    }

    @Needs({ExternalTool.NODE, ExternalTool.NPM})
    @ParameterizedTest
    @CsvSource({"library/hello, v1", "team/app, 1.0", "org/team/deep, latest"})
    void sample_isPulledByAnOldClient(String repository, String tag) {
        NodeClient.Pull pull = NodeClient.install().pull(precast.address(), repository, tag);
        assertThat(pull.failure()).isEmpty();
        assertThat(pull.algorithms()).containsExactly("RS256");
    }

    @Test
    void zstdSample_isRefusedWithTheReason() {
        Answer answer = served.get("/v2/samples/zstd/manifests/latest");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.json().at("/errors/0/code").asText()).isEqualTo("MANIFEST_UNKNOWN");
        assertThat(answer.json().at("/errors/0/detail/reason").asText()).isEqualTo("ZSTD_LAYER");
    }

    @Test
    void ready_comesWithCommandsToCopy() {
        assertThat(precast.process().output()).contains(precast.address());
    }

    @ParameterizedTest
    @CsvSource({"live", "ready"})
    void health_isGood(String kind) {
        assertThat(new RegistryReader(precast.adminUrl()).get("/health/" + kind).status())
                .isEqualTo(200);
    }

    @Test
    void verify_acceptsWhatIsServed() {
        Precast.run(folder, "verify", "library/hello:v1", "--url", precast.url().toString())
                .requireSuccess();
    }
}
