package dev.precast.converter;

import static org.awaitility.Awaitility.await;

import dev.precast.converter.topology.ConverterStreams;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The directory of a converter in this JVM. */
final class StateDirectory {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private StateDirectory() {}

    /**
     * Waits until a converter that was closed has left its directory. Closing gives up after some seconds; on a slow machine the
     * stream threads still write then. Streams holds the lock until the last of them has ended ({@code KafkaStreams.shutdownHelper}).
     */
    static void awaitFree(Path state) {
        Path lock = state.resolve(ConverterStreams.APPLICATION_ID).resolve(".lock");
        await("the lock " + lock).atMost(PATIENCE).until(() -> isFree(lock));
    }

    /** Everything in it is lost, as on a machine of its own that is replaced. */
    static void delete(Path state) throws IOException {
        try (Stream<Path> files = Files.walk(state)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static boolean isFree(Path lock) throws IOException {
        if (!Files.exists(lock)) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // Held in this JVM.
            return false;
        }
    }
}
