package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A view's generations and their folders: {@code view-1}, {@code view-2} …, of which the file {@code CURRENT} names the one in
 * force. A new generation is filled beside it and takes its place in one rename.
 */
final class Generations {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);
    private static final String CURRENT = "CURRENT";
    private static final String PREFIX = "view-";
    private static final Pattern NAME = Pattern.compile("view-[0-9]{1,9}");

    private final Path root;

    Generations(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /**
     * Opens the generation in force; empty where there is none or it is damaged.
     *
     * @throws IOException if it cannot be opened and is not damaged
     */
    Optional<RocksView> open(ViewStorage shared) throws IOException {
        Optional<Path> folder = current();
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(RocksView.open(folder.get(), shared));
        } catch (RocksDBException e) {
            if (RocksView.isBusyOrFull(e)) {
                throw cannotOpen(folder.get(), e);
            }
            LOG.error("The view at {} is damaged and is built anew from the topics: {}", folder.get(), e.toString());
        } catch (DamagedViewException e) {
            LOG.error("The view at {} is damaged and is built anew from the topics: {}", folder.get(), e.toString());
        }
        return Optional.empty();
    }

    /** A new and empty generation, not in force. */
    RocksView create(ViewStorage shared) throws IOException {
        Path folder = next();
        try {
            return RocksView.create(folder, shared);
        } catch (RocksDBException e) {
            throw cannotOpen(folder, e);
        }
    }

    /** The folder in force; empty before the first {@link #activate}. */
    Optional<Path> current() throws IOException {
        try {
            // Latin-1 reads whatever bytes there are: a garbled file names no generation, and is no reason not to
            // start.
            String name = Files.readString(root.resolve(CURRENT), ISO_8859_1).strip();
            return NAME.matcher(name).matches() && Files.isDirectory(root.resolve(name))
                    ? Optional.of(root.resolve(name))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** A folder that does not exist yet, with a number above all others. */
    Path next() throws IOException {
        Files.createDirectories(root);
        int highest = 0;
        for (Path folder : folders()) {
            highest = Math.max(
                    highest, Integer.parseInt(folder.getFileName().toString().substring(PREFIX.length())));
        }
        return root.resolve(PREFIX + (highest + 1));
    }

    /** Makes {@code folder} the one in force, for good once this returns. */
    void activate(Path folder) throws IOException {
        Path fresh = root.resolve(CURRENT + ".new");
        Files.writeString(fresh, folder.getFileName() + "\n", UTF_8);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, root.resolve(CURRENT), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes every generation but {@code kept}. */
    void deleteOthers(Path kept) {
        try {
            for (Path folder : folders()) {
                if (!folder.equals(kept)) {
                    delete(folder);
                }
            }
        } catch (IOException e) {
            LOG.warn("Old generations of the view cannot be found and are left: {}", e.toString());
        }
    }

    /** Deletes one generation and all its files. What cannot be deleted takes room and does no other harm. */
    void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone already.", folder);
        } catch (IOException | UncheckedIOException e) {
            LOG.warn(
                    "Cannot delete {}, a generation of the view that is not in force: {}. Delete it by hand.",
                    folder,
                    e.toString());
        }
    }

    private static IOException cannotOpen(Path folder, RocksDBException e) {
        return new IOException(
                "Cannot open the view at " + folder + ": " + e.getMessage()
                        + ". Check that no other process uses the folder and that the disk has room; the view can be deleted, it is built anew from the topics.",
                e);
    }

    private List<Path> folders() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(root)) {
            return children.filter(child ->
                            NAME.matcher(child.getFileName().toString()).matches())
                    .toList();
        }
    }
}
