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
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** However {@code precast up} ends, nothing of it stays behind, and the next start goes on where it was. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO})
final class LifecycleIT {
    private static final String PATH = "/v2/life/app/manifests/1";

    private final Path folder = Stack.newFolder();

    @Test
    void up_continuesAfterAKillAndAfterATermination() throws Exception {
        Precast.Listen listen = Precast.Listen.free();
        try (DockerRegistry registry = Stack.registry(listen)) {
            String[] options = {"--registry", registry.uri().toString(), "--convert", "*"};
            Answer first;
            try (Precast precast = Precast.up(folder, listen, options)) {
                push(registry);
                first = awaitConverted(precast);
                List<ProcessHandle> family = precast.process().family();
                precast.process().kill();
                awaitGone(family);
            }
            try (Precast precast = Precast.up(folder, listen, options)) {
                assertThat(awaitConverted(precast).digest()).isEqualTo(first.digest());
                List<ProcessHandle> family = precast.process().family();
                precast.process().terminate();
                assertThat(precast.process().waitFor(Duration.ofSeconds(30)))
                        .as("ends after SIGTERM")
                        .isTrue();
                awaitGone(family);
            }
            try (Precast precast = Precast.up(folder, listen, options)) {
                assertThat(awaitConverted(precast).digest()).isEqualTo(first.digest());
            }
        }
    }

    private void push(DockerRegistry registry) {
        new Skopeo(folder)
                .push(
                        ExampleImage.saying("again").writeLayout(folder.resolve("image")),
                        registry.authority(),
                        "life/app:1",
                        Skopeo.Format.SCHEMA2);
    }

    private static Answer awaitConverted(Precast precast) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> new RegistryReader(precast.url()).get(PATH, MediaTypes.SCHEMA1_SIGNED),
                        answer -> answer.header("Precast-Origin").orElse("").startsWith("converted"));
    }

    private static void awaitGone(List<ProcessHandle> family) {
        assertThat(family).as("the broker is a process of its own").hasSizeGreaterThan(1);
        Awaitility.await()
                .alias("no process stays behind")
                .atMost(Duration.ofSeconds(30))
                .until(() -> family.stream().noneMatch(ProcessHandle::isAlive));
    }
}
