package dev.precast.e2e.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What {@code ./precast} runs. The build that these tests are part of has made it, all but what the script itself adds. */
final class Distribution {
    static final Path COMMAND = Path.of("..", "precast").toAbsolutePath().normalize();

    private static final Path LAUNCHER = COMMAND.resolveSibling("launcher").resolve("target");

    private Distribution() {}

    /** Adds the launcher's jar and the stamp of the build, so that the script does not build a second time. */
    static synchronized void complete() {
        Path distribution = LAUNCHER.resolve("dist");
        Path stamp = distribution.resolve("built");
        try (Stream<Path> files = Files.list(LAUNCHER)) {
            List<Path> jars =
                    files.filter(file -> file.toString().endsWith(".jar")).toList();
            for (Path jar : jars) {
                if (!Files.exists(stamp) || newer(jar, stamp)) {
                    Files.copy(
                            jar,
                            distribution.resolve("lib").resolve(jar.getFileName()),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
            Files.writeString(stamp, "");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot complete " + distribution + ". Run `mvn verify` at the root.", e);
        }
    }

    private static boolean newer(Path file, Path other) throws IOException {
        return Files.getLastModifiedTime(file).compareTo(Files.getLastModifiedTime(other)) > 0;
    }
}
