package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.client.RegistryReader.Answer;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.DockerRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A registry that sends no events at all: what old clients ask for is converted because they ask. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO})
final class LostEventIT {
    private static final String PATH = "/v2/silent/app/manifests/v1";

    @Test
    void lostEvent_healsAtTheFirstPull() throws Exception {
        Path folder = Stack.newFolder();
        try (DockerRegistry registry = DockerRegistry.start();
                Precast precast = Precast.up(
                        folder,
                        Precast.Listen.free(),
                        "--registry",
                        registry.uri().toString(),
                        "--convert",
                        "*")) {
            push(folder, registry, "first");
            RegistryReader served = new RegistryReader(precast.url());
            Answer modern = served.get(PATH, MediaTypes.SCHEMA2);
            assertThat(modern.header("Precast-Origin")).hasValue("upstream");
            Answer answer = served.get(PATH);
            System.out.println("LostEventIT: the first old client got " + answer.status());
            // Within serving.wait.ms on a machine that has time; else it is told to come again, and does.
            if (answer.status() != 200) {
                assertThat(answer.json().at("/errors/0/detail/reason").asText()).isEqualTo("PENDING");
                assertThat(answer.header("Retry-After")).isPresent();
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> served.get(PATH).status() == 200);
            assertThat(served.get(PATH).contentType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
            assertThat(served.get("/v2/silent/app/manifests/absent").status()).isEqualTo(404);
        }
    }

    private static void push(Path folder, DockerRegistry registry, String greeting) {
        Path layout = ExampleImage.saying(greeting).writeLayout(folder.resolve(greeting));
        new Skopeo(folder).push(layout, registry.authority(), "silent/app:v1", Skopeo.Format.SCHEMA2);
    }
}
