package dev.precast.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the broker says on standard error: into a file of bounded size, with one older file beside it, and the last lines in
 * memory. Thread-safe.
 */
final class BrokerLog {
    private static final int TAIL_LINES = 15;
    private static final long MAX_CHARACTERS = 4 << 20;

    private final Path file;
    private final Deque<String> tail = new ArrayDeque<>();

    BrokerLog(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    /** The last lines, oldest first. */
    synchronized List<String> tail() {
        return List.copyOf(tail);
    }

    /** Copies until {@code source} ends. What cannot be written is read on all the same: a full pipe would stop the broker. */
    void copy(InputStream source) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(source, StandardCharsets.UTF_8))) {
            boolean writable = true;
            String line = lines.readLine();
            while (line != null) {
                if (writable) {
                    try {
                        line = copyOneFile(lines, line);
                        continue;
                    } catch (IOException e) {
                        writable = false;
                    }
                }
                remember(line);
                line = lines.readLine();
            }
        } catch (IOException e) {
            remember("(the broker's output ended: " + e.getMessage() + ")");
        }
    }

    /** Returns the first line that did not go into this file; null at the end. */
    private @Nullable String copyOneFile(BufferedReader lines, String first) throws IOException {
        String line = first;
        long written = 0;
        try (Writer writer = open()) {
            while (line != null && written < MAX_CHARACTERS) {
                remember(line);
                writer.write(line);
                writer.write('\n');
                writer.flush();
                written += line.length();
                line = lines.readLine();
            }
        }
        return line;
    }

    private Writer open() throws IOException {
        if (Files.exists(file)) {
            Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        return Files.newBufferedWriter(file);
    }

    private synchronized void remember(String line) {
        if (tail.size() == TAIL_LINES) {
            tail.removeFirst();
        }
        tail.addLast(line);
    }
}
