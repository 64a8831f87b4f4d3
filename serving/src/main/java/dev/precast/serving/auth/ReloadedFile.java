package dev.precast.serving.auth;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stands in files, read again when one of them changes. While what they hold cannot be used, what was read last stays in
 * force, and the log says why. Thread-safe.
 */
public final class ReloadedFile<T> {
    /** Makes a value of all files; called by one thread at a time. */
    @FunctionalInterface
    public interface Reader<T> {
        /** @throws IOException with a message for the operator */
        T read() throws IOException;
    }

    /**
     * What was read.
     *
     * @param edition grows with each reading, so that what was concluded from another can be told apart
     */
    public record Loaded<T>(T value, long edition) {}

    private record Stamp(
            long modifiedMillis, long size, @Nullable Object fileKey) {}

    private static final Logger LOG = LoggerFactory.getLogger(ReloadedFile.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final List<Path> files;
    private final Reader<T> reader;
    private final LongSupplier nanoTime;
    private volatile @Nullable Loaded<T> loaded;
    private volatile long lookedAt;
    private List<Stamp> stamps = List.of();

    /**
     * Does no I/O.
     *
     * @param nanoTime a clock that only goes forward
     */
    public ReloadedFile(List<Path> files, Reader<T> reader, LongSupplier nanoTime) {
        this.files = List.copyOf(files);
        this.reader = reader;
        this.nanoTime = nanoTime;
    }

    /** Reads for the first time. */
    public synchronized void start() throws IOException {
        stamps = stamps();
        loaded = new Loaded<>(read(), 1);
        lookedAt = nanoTime.getAsLong();
    }

    /** What is in force now; looks at the files at most once a second. Only after {@link #start}. */
    public Loaded<T> current() {
        if (lookIsDue()) {
            look();
        }
        Loaded<T> current = loaded;
        if (current == null) {
            throw new IllegalStateException("Nothing was read yet.");
        }
        return current;
    }

    /** What is in force now, without a look at the files; empty while one is due, or under way. Only after {@link #start}. */
    public Optional<Loaded<T>> remembered() {
        return lookIsDue() ? Optional.empty() : Optional.ofNullable(loaded);
    }

    private boolean lookIsDue() {
        return nanoTime.getAsLong() - lookedAt >= LOOK_AGAIN.toNanos();
    }

    private synchronized void look() {
        long now = nanoTime.getAsLong();
        Loaded<T> before = loaded;
        if (before == null || now - lookedAt < LOOK_AGAIN.toNanos()) {
            return;
        }
        lookedAt = now;
        List<Stamp> seen = stampsOrNone();
        if (seen.equals(stamps)) {
            return;
        }
        stamps = seen;
        try {
            loaded = new Loaded<>(read(), before.edition() + 1);
            LOG.info("Read {} again, because it changed.", files);
        } catch (IOException e) {
            LOG.error("{} What was read before stays in force.", e.getMessage());
        }
    }

    private T read() throws IOException {
        try {
            return reader.read();
        } catch (FileSystemException | CharacterCodingException e) {
            throw new IOException(
                    "Cannot read one of " + files + ": found " + e.getClass().getSimpleName()
                            + ", expected readable files in UTF-8. Check them.",
                    e);
        }
    }

    private List<Stamp> stampsOrNone() {
        try {
            return stamps();
        } catch (IOException e) {
            return List.of();
        }
    }

    private List<Stamp> stamps() throws IOException {
        List<Stamp> all = new ArrayList<>();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                all.add(new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey()));
            } catch (IOException e) {
                throw new IOException(
                        "Cannot read " + file + ": found no readable file. Check the path and its permissions.", e);
            }
        }
        return all;
    }
}
