package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.NodeClient;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.KeyFile;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Signatures by an operator's own key hold for a client that verifies them with crypto that is not ours. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO, ExternalTool.NODE, ExternalTool.NPM})
final class SigningKeysIT {
    @ParameterizedTest
    @EnumSource
    void signature_isAcceptedByTheOldClientAndByVerify(KeyFile key) {
        NodeClient client = NodeClient.install();
        String file = key.writeNew(Stack.newFolder()).toString();
        try (Stack stack = Stack.start("--convert", "signed/*", "--key", file)) {
            stack.pushAndAwait(ExampleImage.saying("signed"), "signed/app", "1", Skopeo.Format.SCHEMA2);
            NodeClient.Pull pull = client.pull(stack.precast().address(), "signed/app", "1");
            assertThat(pull.failure()).isEmpty();
            assertThat(pull.algorithms()).containsExactly(key.name());
            Precast.run(
                            Stack.newFolder(),
                            "verify",
                            "signed/app:1",
                            "--url",
                            stack.precast().url().toString(),
                            "--trust",
                            file)
                    .requireSuccess(); // With --trust, only a signature by that key will do.
        }
    }
}
