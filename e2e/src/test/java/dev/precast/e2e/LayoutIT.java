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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** {@code up --layout}: what skopeo does to the directory is what old clients get. */
@Needs(ExternalTool.SKOPEO)
final class LayoutIT {
    private static final Duration SOON = Duration.ofMinutes(1);

    private final Path folder = Stack.newFolder();
    private final Path layout = folder.resolve("images");
    private final Skopeo skopeo = new Skopeo(folder);

    @Test
    void layout_isFollowedWhileItChanges() throws Exception {
        copy(image(1), "team/app:1.0");
        Precast.Listen listen = Precast.Listen.free();
        try (Precast precast = Precast.up(
                folder,
                listen,
                "--layout",
                layout.toString(),
                "--convert",
                "*",
                "--set",
                "resolver.delete.confirm.ms=500")) {
            RegistryReader served = new RegistryReader(precast.url());
            String first = converted(served, "1.0", any -> true).digest();

            copy(image(2), "team/app:2.0");
            String second = converted(served, "2.0", any -> true).digest();
            assertThat(second).isNotEqualTo(first);

            copy(image(3), "team/app:1.0");
            converted(served, "1.0", answer -> !answer.digest().equals(first));

            withoutTag("team/app:2.0");
            await("gone", served, "2.0", answer -> answer.status() == 404);
            assertThat(served.get("/v2/team/app/tags/list").json().path("tags").size())
                    .isEqualTo(1);

            breakIndex();
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> precast.process().output().contains("Cannot read " + layout.resolve("index.json")));
            converted(served, "1.0", any -> true);
        }
    }

    private Answer converted(RegistryReader served, String tag, Predicate<Answer> and) {
        return await(
                "converted",
                served,
                tag,
                answer -> answer.status() == 200
                        && answer.contentType().startsWith(MediaTypes.SCHEMA1_SIGNED)
                        && and.test(answer));
    }

    private static Answer await(String what, RegistryReader served, String tag, Predicate<Answer> until) {
        return Awaitility.await()
                .alias(tag + " " + what)
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> served.get("/v2/team/app/manifests/" + tag, MediaTypes.SCHEMA1_SIGNED), until);
    }

    private static ExampleImage image(int number) {
        return ExampleImage.saying("layout " + number);
    }

    private void copy(ExampleImage image, String reference) {
        try {
            Path source = image.writeLayout(Files.createTempDirectory(folder, "image"));
            skopeo.copy("oci:" + source + ":latest", "oci:" + layout + ":" + reference)
                    .requireSuccess();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As tools do it that take care: a new file, put in the place of the old one. */
    private void withoutTag(String reference) throws IOException {
        var index = (com.fasterxml.jackson.databind.node.ObjectNode) new com.fasterxml.jackson.databind.ObjectMapper()
                .readTree(layout.resolve("index.json").toFile());
        var kept = index.arrayNode();
        index.path("manifests").forEach(entry -> {
            if (!entry.path("annotations")
                    .path("org.opencontainers.image.ref.name")
                    .asText()
                    .equals(reference)) {
                kept.add(entry);
            }
        });
        index.set("manifests", kept);
        replaceIndex(index.toString());
    }

    private void breakIndex() throws IOException {
        replaceIndex("{\"schemaVersion\":2,\"manif");
    }

    private void replaceIndex(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("index.new"), content);
        Files.move(file, layout.resolve("index.json"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }
}
