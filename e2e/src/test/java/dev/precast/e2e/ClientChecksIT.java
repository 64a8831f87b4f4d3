package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.NodeClient;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.FaultProxy;
import dev.precast.e2e.tool.FaultProxy.Fault;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.testkit.DockerRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client that judges Precast is not blind: it takes what Docker Distribution 2.8 converts, and refuses it once spoilt. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO, ExternalTool.NODE, ExternalTool.NPM})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClientChecksIT {
    private static final String REPOSITORY = "checks/image";

    private DockerRegistry registry;
    private NodeClient client;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        client = NodeClient.install();
        registry = DockerRegistry.start();
        new Skopeo(folder)
                .push(
                        ExampleImage.saying("hello").writeLayout(folder.resolve("image")),
                        registry.authority(),
                        REPOSITORY + ":1",
                        Skopeo.Format.SCHEMA2);
    }

    @AfterAll
    void stop() throws Exception {
        registry.close();
    }

    @Test
    void client_takesWhatNobodySpoilt() {
        assertThat(pull(Fault.NONE).failure()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void client_refusesWhatIsSpoilt(Fault fault) {
        assertThat(pull(fault).failure()).isPresent();
    }

    @Test
    void client_namesTheSignatureWhenOnlyThatTells() {
        assertThat(pull(Fault.PAYLOAD_WITH_FITTING_DIGEST).failure().orElseThrow())
                .contains("manifest by tag", "ManifestVerificationError");
        assertThat(pull(Fault.SIGNATURE_BIT).failure().orElseThrow())
                .contains("manifest by tag", "ManifestVerificationError");
    }

    private NodeClient.Pull pull(Fault fault) {
        try (FaultProxy front = FaultProxy.start(registry.uri(), fault)) {
            return client.pullByTagOnly(front.address(), REPOSITORY, "1");
        }
    }
}
