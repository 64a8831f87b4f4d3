package dev.precast.launcher.cluster;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/** {@code running.properties} in a data directory: where what runs on it is reached. Removed when it ends in order. */
public final class RunningFile {
    private static final String NAME = "running.properties";
    private static final String PID = "pid";
    private static final String BOOTSTRAP = "kafka.bootstrap.servers";
    private static final String SERVING = "serving.url";
    private static final String EVENTS = "events.url";
    private static final String ADMIN = "admin.url";

    /** Addresses; URLs without a slash at the end. */
    public record Addresses(String bootstrapServers, String serving, String events, String admin) {}

    private RunningFile() {}

    public static void write(Path data, Addresses addresses) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(PID, Long.toString(ProcessHandle.current().pid()));
        properties.setProperty(BOOTSTRAP, addresses.bootstrapServers());
        properties.setProperty(SERVING, addresses.serving());
        properties.setProperty(EVENTS, addresses.events());
        properties.setProperty(ADMIN, addresses.admin());
        Path temporary = data.resolve(NAME + ".tmp");
        try (Writer writer = Files.newBufferedWriter(temporary)) {
            properties.store(writer, null);
        }
        Files.move(temporary, data.resolve(NAME), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    public static void remove(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(NAME));
    }

    /** Empty when nothing runs on {@code data}; a file that a killed process left behind counts as nothing. */
    public static Optional<Addresses> read(Path data) throws IOException {
        Path file = data.resolve(NAME);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        long pid = Long.parseLong(properties.getProperty(PID, "0"));
        if (ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Addresses(
                properties.getProperty(BOOTSTRAP, ""),
                properties.getProperty(SERVING, ""),
                properties.getProperty(EVENTS, ""),
                properties.getProperty(ADMIN, "")));
    }
}
