package dev.precast.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.image.ExampleImage;
import dev.precast.e2e.tool.ChildProcess;
import dev.precast.e2e.tool.ExternalTool;
import dev.precast.e2e.tool.KeyFile;
import dev.precast.e2e.tool.Needs;
import dev.precast.e2e.tool.Precast;
import dev.precast.e2e.tool.Skopeo;
import dev.precast.e2e.tool.Stack;
import dev.precast.schemas.image.MediaTypes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What an operator says to a system that runs. */
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO})
final class LiveOperationsIT {
    private static final String REPOSITORY = "live/app";
    private static final int ROUNDS = Integer.getInteger("live.rounds", 2);

    private static Path folder;
    private static Stack stack;

    @BeforeAll
    static void start() {
        folder = Stack.newFolder();
        String key = KeyFile.ES256.writeNew(folder).toString();
        stack = Stack.start("--convert", "live/*", "--key", key);
        stack.pushAndAwait(ExampleImage.saying("live"), REPOSITORY, "1", Skopeo.Format.SCHEMA2);
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void repositories_areTurnedOffAndOn_withoutARestart() {
        for (int round = 0; round < ROUNDS; round++) {
            turn("disable", false);
            turn("enable", true);
        }
    }

    @Test
    void publishedKeys_vouchForWhatIsServed_andOthersDoNot() throws Exception {
        RegistryReader admin = new RegistryReader(stack.precast().adminUrl());
        // Keys are published on a thread of its own: what they have signed may be served a moment before.
        RegistryReader.Answer published = Awaitility.await("published keys")
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> admin.get("/.well-known/jwks.json"),
                        answer -> answer.text().contains("\"kid\""));
        Path jwks = Files.write(folder.resolve("jwks.json"), published.body());
        Path strange = KeyFile.RS256.writeNew(Files.createDirectory(folder.resolve("strange")));

        ChildProcess.Finished good = verify(jwks);
        assertThat(good.exitCode()).as(good.output()).isZero();
        assertThat(good.output()).contains("valid, signed by a trusted key").contains("(trusted)");
        ChildProcess.Finished bad = verify(strange);
        assertThat(bad.exitCode()).as(bad.output()).isEqualTo(1);
        assertThat(bad.output())
                .contains("valid, signed by a key that is not among the trusted ones")
                .doesNotContain("(trusted)");
    }

    private static ChildProcess.Finished verify(Path trusted) {
        return Precast.run(
                folder,
                "verify",
                REPOSITORY + ":1",
                "--url",
                stack.precast().url().toString(),
                "--trust",
                trusted.toString());
    }

    private static void turn(String verb, boolean converted) {
        long begun = System.nanoTime();
        ChildProcess command = Precast.start(
                folder.resolve(verb + ".out"),
                "repos",
                verb,
                "live/*",
                "--data",
                stack.folder().resolve("data").toString());
        command.awaitMatch(java.util.regex.Pattern.compile("Conversion is "), Duration.ofMinutes(1));
        long said = System.nanoTime();
        Awaitility.await(verb)
                .atMost(Duration.ofSeconds(30))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> isConverted() == converted);
        long effective = System.nanoTime();
        // Printed, not asserted: two seconds is the promise on a machine that has time for it.
        System.out.printf(
                "repos %s: effective %d ms after it was said, %d ms after the command began%n",
                verb, (effective - said) / 1_000_000, (effective - begun) / 1_000_000);
        command.close();
    }

    private static boolean isConverted() {
        return stack.served()
                .get("/v2/" + REPOSITORY + "/manifests/1", MediaTypes.SCHEMA1_SIGNED)
                .header("Precast-Origin")
                .filter(origin -> origin.startsWith("converted"))
                .isPresent();
    }
}
