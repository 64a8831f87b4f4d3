package dev.precast.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.e2e.tool.ChildProcess;
import dev.precast.e2e.tool.ExternalTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The npm package {@code docker-registry-client}, which checks the digest and every JWS signature with code that is not
 * ours. {@code clients/node/pull.js} says what else is checked.
 */
public final class NodeClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path SOURCE = Path.of("clients", "node");
    private static final Path INSTALLED = Path.of("target", "clients", "node");
    private static final int ATTEMPTS = 3;

    private final Path folder;

    private NodeClient(Path folder) {
        this.folder = folder;
    }

    /** The client, fetched from the npm registry the first time; where that fails the test is skipped. */
    public static synchronized NodeClient install() {
        try {
            Files.createDirectories(INSTALLED);
            for (String file : List.of("package.json", "package-lock.json", ".npmrc", "pull.js")) {
                Files.copy(SOURCE.resolve(file), INSTALLED.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!Files.exists(INSTALLED.resolve("node_modules/.package-lock.json"))) {
            ChildProcess.Finished installed = fetch();
            Assumptions.assumeTrue(
                    installed.exitCode() == 0,
                    () -> "the npm package docker-registry-client is not installed, and `npm ci` in e2e/clients/node"
                            + " failed (needs the npm registry once): "
                            + installed.output().lines().findFirst().orElse("no message"));
        }
        return new NodeClient(INSTALLED);
    }

    /** More than once: the npm registry is far away. */
    private static ChildProcess.Finished fetch() {
        for (int attempt = 1; ; attempt++) {
            ChildProcess.Finished finished = ChildProcess.run(
                    List.of(ExternalTool.NPM.path(), "ci", "--prefix", INSTALLED.toString()),
                    INSTALLED.resolve("npm.out"),
                    Duration.ofMinutes(5));
            if (finished.exitCode() == 0 || attempt == ATTEMPTS) {
                return finished;
            }
        }
    }

    /** Pulls by tag and by digest. */
    public Pull pull(String registry, String repository, String tag) {
        return run(List.of(registry, repository, tag));
    }

    /** Pulls by tag only, for a registry that converts on the fly and does not keep what it made. */
    public Pull pullByTagOnly(String registry, String repository, String tag) {
        return run(List.of(registry, repository, tag, "--tag-only"));
    }

    private Pull run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                ExternalTool.NODE.path(),
                "--no-deprecation",
                folder.resolve("pull.js").toString()));
        command.addAll(arguments);
        ChildProcess.Finished finished = ChildProcess.run(command, folder.resolve("pull.out"), Duration.ofMinutes(1));
        return Pull.parse(finished.output());
    }

    /**
     * What the client says.
     *
     * @param failure where and why it refused the image; empty: every check held
     * @param digest of the manifest's payload, absent after a failure
     * @param algorithms JWS names, one a signature
     */
    public record Pull(Optional<String> failure, Optional<String> digest, List<String> algorithms) {
        static Pull parse(String output) {
            try {
                JsonNode report = JSON.readTree(output.lines().reduce("{}", (first, last) -> last));
                if (report.path("ok").asBoolean()) {
                    List<String> algorithms = new ArrayList<>();
                    report.path("algorithms").forEach(name -> algorithms.add(name.asText()));
                    return new Pull(
                            Optional.empty(), Optional.of(report.path("digest").asText()), algorithms);
                }
                return new Pull(
                        Optional.of(report.path("step").asText() + ": "
                                + report.path("error").asText() + ": "
                                + report.path("message").asText()),
                        Optional.empty(),
                        List.of());
            } catch (IOException e) {
                throw new AssertionError("pull.js printed no JSON: " + output, e);
            }
        }
    }
}
