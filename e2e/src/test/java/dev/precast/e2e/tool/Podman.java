package dev.precast.e2e.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Pulls into a storage of its own below the folder, which it removes again: nothing of the machine's is touched. */
public record Podman(Path folder) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** @param reference {@code repository:tag} or {@code repository@digest} */
    public ChildProcess.Finished pull(String registry, String reference) {
        Path policy = folder.resolve("policy.json");
        try {
            Files.createDirectories(folder);
            Files.writeString(policy, "{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            return run(
                    "pull",
                    "--tls-verify=false",
                    "--signature-policy",
                    policy.toString(),
                    "docker://" + registry + "/" + reference);
        } finally {
            run("rmi", "--all", "--force");
        }
    }

    private ChildProcess.Finished run(String... arguments) {
        List<String> command = new java.util.ArrayList<>(List.of(
                ExternalTool.PODMAN.path(),
                "--root",
                folder.resolve("root").toString(),
                "--runroot",
                folder.resolve("run").toString(),
                "--storage-driver",
                "vfs"));
        command.addAll(List.of(arguments));
        return ChildProcess.run(command, folder.resolve("podman.out"), LIMIT);
    }
}
