package dev.precast.converter.keys;

import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Key files, and directories of them, that are looked at again and again: what appears, changes or goes is noticed by name, size
 * and time of change. Files whose name begins with a dot are passed over: unfinished ones, and the inner parts of mounted
 * secrets. One thread only.
 */
public final class KeySource {
    private final List<Path> paths;
    private @Nullable List<Mark> seen;

    /** What a file looks like without reading it; no attributes when it is gone. */
    private record Mark(Path file, Map<String, Object> attributes) {}

    /** @param paths files, which must be there, and directories, which may be empty */
    public KeySource(List<Path> paths) {
        this.paths = List.copyOf(paths);
    }

    /**
     * Reads everything.
     *
     * @throws KeyException for the first file that cannot be used
     */
    public HeldKeys read() throws KeyException {
        HeldKeys held = readWhatGoes();
        if (!held.faults().isEmpty()) {
            throw new KeyException(held.faults().get(0));
        }
        return held;
    }

    /** Reads everything again if anything changed since the last reading; empty when nothing did. */
    public Optional<HeldKeys> readIfChanged() {
        return marks().equals(seen) ? Optional.empty() : Optional.of(readWhatGoes());
    }

    private HeldKeys readWhatGoes() {
        // Marks first: what changes while it is read is read again next time.
        seen = marks();
        Map<String, SigningKey> byId = new TreeMap<>();
        List<String> faults = new ArrayList<>();
        for (Mark mark : seen) {
            try {
                SigningKey key = KeyFiles.read(mark.file());
                byId.put(key.keyId(), key);
            } catch (KeyException e) {
                faults.add(String.valueOf(e.getMessage()));
            }
        }
        return new HeldKeys(byId, faults);
    }

    private List<Mark> marks() {
        List<Mark> marks = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                filesIn(path).forEach(file -> marks.add(mark(file)));
            } else {
                marks.add(mark(path));
            }
        }
        return marks;
    }

    private static List<Path> filesIn(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(file -> !file.getFileName().toString().startsWith("."))
                    .filter(Files::isRegularFile)
                    .sorted()
                    .toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            // Read as a key, the directory gives the message.
            return List.of(directory);
        }
    }

    private static Mark mark(Path file) {
        // The time of change also tells of another mode or owner; not every file system has it.
        for (String attributes : List.of("unix:size,ctime,ino", "size,lastModifiedTime")) {
            try {
                return new Mark(file, Files.readAttributes(file, attributes));
            } catch (UnsupportedOperationException | IllegalArgumentException e) {
                // The next, poorer set will do.
            } catch (IOException e) {
                return new Mark(file, Map.of());
            }
        }
        return new Mark(file, Map.of());
    }
}
