package dev.precast.e2e.tool;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Pushes and copies. Its scratch folder takes what it prints. */
public record Skopeo(Path folder) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** In which form a push stores the image. */
    public enum Format {
        SCHEMA2("v2s2"),
        OCI("oci");

        private final String flag;

        Format(String flag) {
            this.flag = flag;
        }
    }

    /** Pushes the image tagged {@code latest} of an OCI layout. */
    public void push(Path layout, String registry, String reference, Format format) {
        run(List.of(
                        "copy",
                        "--format",
                        format.flag,
                        "--dest-tls-verify=false",
                        "oci:" + layout + ":latest",
                        "docker://" + registry + "/" + reference))
                .requireSuccess();
    }

    /** Pushes an index with every image in it, unchanged. */
    public void pushIndex(Path layout, String registry, String reference) {
        run(List.of(
                        "copy",
                        "--all",
                        "--dest-tls-verify=false",
                        "oci:" + layout + ":latest",
                        "docker://" + registry + "/" + reference))
                .requireSuccess();
    }

    /**
     * Pulls an image.
     *
     * @param reference {@code repository:tag} or {@code repository@digest}
     * @param destination with its transport, such as {@code oci:FOLDER:TAG}
     */
    public ChildProcess.Finished pull(String registry, String reference, String destination) {
        return run(List.of("copy", "--src-tls-verify=false", "docker://" + registry + "/" + reference, destination));
    }

    /** Copies between places on this machine, each with its transport. */
    public ChildProcess.Finished copy(String source, String destination) {
        return run(List.of("copy", source, destination));
    }

    private ChildProcess.Finished run(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(ExternalTool.SKOPEO.path(), "--insecure-policy"));
        command.addAll(arguments);
        return ChildProcess.run(command, folder.resolve("skopeo.out"), LIMIT);
    }
}
