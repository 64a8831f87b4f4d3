package dev.precast.launcher.config;

import dev.precast.converter.ConverterConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where private keys lie on this machine: {@code keys} in the data directory, unless a directory is configured. */
public final class KeyDirectory {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private KeyDirectory() {}

    /** @param values the values of the configuration */
    public static Path of(Map<String, String> values) {
        return ConverterConfig.from(values).keys().stream()
                .filter(Files::isDirectory)
                .findFirst()
                .orElseGet(() -> ours(values));
    }

    /** The keys to look at: those configured, and the directory of our own, which need not be there. */
    public static String withOurs(Map<String, String> values) {
        List<String> all = new ArrayList<>(
                ConverterConfig.from(values).keys().stream().map(Path::toString).toList());
        String own = ours(values).toString();
        if (!all.contains(own)) {
            all.add(own);
        }
        return String.join(",", all);
    }

    /** Makes it for its owner alone; nothing when it is there. */
    public static void make(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        try {
            Files.createDirectories(directory);
            if (Files.getFileStore(directory).supportsFileAttributeView("posix")) {
                Files.setPosixFilePermissions(directory, OWNER_ONLY);
            }
        } catch (IOException e) {
            throw new IOException(
                    "Cannot make the key directory " + directory + ": " + e + ". Name another with --data DIR.", e);
        }
    }

    /** A name that says which key it is; colons are no good in file names. */
    public static String fileName(String keyId) {
        return keyId.replace(':', '-') + ".pem";
    }

    /** The directory of our own, whatever is configured. */
    public static Path ours(Map<String, String> values) {
        return LauncherConfig.from(values).data().resolve("keys");
    }
}
