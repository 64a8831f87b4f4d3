package dev.precast.broker;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** The broker's directory: who may use it, which Kafka wrote it, and on which port it was last reached. */
final class BrokerDirectory implements AutoCloseable {
    private static final String VERSION = "kafka.version";
    private static final String PORT = "port";
    private static final long POLL_MILLIS = 50;

    private final Path directory;
    private final FileChannel lockFile;

    private BrokerDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Takes the directory for this process. Waits, because a broker whose parent was killed needs a moment to end.
     *
     * @throws IOException if it cannot be written, is in use, or was written by a newer Kafka than {@code version}
     */
    static BrokerDirectory take(Path directory, String version, Duration patience)
            throws IOException, InterruptedException {
        if (directory.toString().indexOf(',') >= 0) {
            throw new IOException("Cannot use the directory " + directory
                    + ": its path has a comma, which Kafka takes for a separator. Choose another data directory.");
        }
        Files.createDirectories(directory);
        FileChannel file =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            lock(file, directory, patience);
            BrokerDirectory taken = new BrokerDirectory(directory, file);
            taken.requireNotNewerThan(version);
            return taken;
        } catch (IOException | InterruptedException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Where Kafka keeps its logs. */
    Path logs() {
        return directory.resolve("log");
    }

    boolean formatted() {
        return Files.exists(logs().resolve("meta.properties"));
    }

    /** The port of the last start; 0 when there was none. */
    int lastPort() throws IOException {
        return Integer.parseInt(read().getProperty(PORT, "0"));
    }

    void remember(String version, int port) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(VERSION, version);
        properties.setProperty(PORT, Integer.toString(port));
        Path temporary = directory.resolve("broker.properties.tmp");
        try (Writer writer = Files.newBufferedWriter(temporary)) {
            properties.store(writer, null);
        }
        Files.move(temporary, propertiesFile(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }

    private void requireNotNewerThan(String version) throws IOException {
        String found = read().getProperty(VERSION, version);
        if (Arrays.compare(numbers(found), numbers(version)) > 0) {
            throw new IOException("Cannot start on " + directory + ": found data of Kafka " + found
                    + ", expected Kafka " + version
                    + " or older. Start the newer Precast again, or choose another data directory.");
        }
    }

    private Properties read() throws IOException {
        Properties properties = new Properties();
        if (Files.exists(propertiesFile())) {
            try (Reader reader = Files.newBufferedReader(propertiesFile())) {
                properties.load(reader);
            }
        }
        return properties;
    }

    private Path propertiesFile() {
        return directory.resolve("broker.properties");
    }

    private static void lock(FileChannel file, Path directory, Duration patience)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!locked(file)) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("Cannot start a broker on " + directory
                        + ": another broker uses it. Stop that one, or choose another data directory.");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static boolean locked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    private static int[] numbers(String version) {
        return Arrays.stream(version.split("\\D+"))
                .filter(part -> !part.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
