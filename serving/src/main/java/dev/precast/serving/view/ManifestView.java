package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view as requests see it: one generation at a time, replaced under them when another is ready. Thread-safe; reading waits
 * for nothing but a replacement.
 */
public final class ManifestView implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestView.class);

    private final Generations generations;
    private final Path root;
    private final long cacheBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable ViewStorage storage;
    private @Nullable RocksView current;
    private volatile boolean ready;
    private volatile boolean damaged;

    /**
     * Does no I/O.
     *
     * @param root folder that holds nothing but this view
     * @param cacheBytes of memory for blocks read
     */
    public ManifestView(Path root, long cacheBytes) {
        this.root = root;
        this.generations = new Generations(root);
        this.cacheBytes = cacheBytes;
    }

    /** Opens what the last run left, or a new view where there is none or it is damaged. */
    void open() throws IOException {
        lock.writeLock().lock();
        try {
            storage = new ViewStorage(cacheBytes);
            current = openCurrent(storage).orElse(null);
            if (current == null) {
                RocksView fresh = fresh();
                generations.activate(fresh.directory());
                current = fresh;
            }
            generations.deleteOthers(current.directory());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Whether the view has held everything since it was opened; it stays so when Kafka is lost. */
    public boolean ready() {
        return ready;
    }

    /** What the tag offers; empty when nothing was built for it. */
    public Optional<TagOffers> offers(Reference reference) {
        return read(view -> view.offers(reference));
    }

    /** The manifest that was built or kept in this repository under the digest. */
    public Optional<StoredManifest> manifest(String repository, Digest digest) {
        return read(view -> view.manifest(repository, digest));
    }

    /** The settings of all patterns. */
    public SettingsTable settings() {
        return read(RocksView::settings);
    }

    /** Whether something was read that was never written, so that this generation has to be replaced. */
    boolean damaged() {
        return damaged;
    }

    void markDamaged() {
        damaged = true;
    }

    void markReady() {
        ready = true;
    }

    /** The generation in force; for its one writer. */
    RocksView current() {
        RocksView view = current;
        if (view == null) {
            throw new IllegalStateException("The view is not open.");
        }
        return view;
    }

    /** An empty generation beside the one in force; the caller's to {@link #replace} with or to {@link #discard}. */
    RocksView fresh() throws IOException {
        ViewStorage shared = storage;
        if (shared == null) {
            throw new IllegalStateException("The view is not open.");
        }
        Path directory = generations.next();
        try {
            return new RocksView(directory, shared);
        } catch (RocksDBException e) {
            throw cannotOpen(directory, e);
        }
    }

    /** Puts {@code next} in force and deletes what was. */
    void replace(RocksView next) throws IOException {
        generations.activate(next.directory());
        lock.writeLock().lock();
        try {
            current().close();
            current = next;
            damaged = false;
        } finally {
            lock.writeLock().unlock();
        }
        generations.deleteOthers(next.directory());
    }

    void discard(RocksView unfinished) throws IOException {
        unfinished.close();
        generations.delete(unfinished.directory());
    }

    /** Closes and opens the generation in force again: what RocksDB asks for after it could not write. */
    void reopen() throws IOException {
        lock.writeLock().lock();
        try {
            RocksView old = current();
            ViewStorage shared = storage;
            if (shared == null) {
                throw new IllegalStateException("The view is not open.");
            }
            current = null;
            old.close();
            current = new RocksView(old.directory(), shared);
        } catch (RocksDBException e) {
            throw cannotOpen(root, e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            ready = false;
            if (current != null) {
                current.close();
                current = null;
            }
            if (storage != null) {
                storage.close();
                storage = null;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private Optional<RocksView> openCurrent(ViewStorage shared) throws IOException {
        Optional<Path> directory = generations.current();
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new RocksView(directory.get(), shared));
        } catch (RocksDBException e) {
            if (!RocksView.isCorruption(e)) {
                throw cannotOpen(directory.get(), e);
            }
            LOG.error("The view at {} is damaged and is built anew from the topics: {}", directory.get(), e.toString());
        } catch (DamagedViewException e) {
            LOG.error("The view at {} is damaged and is built anew from the topics: {}", directory.get(), e.toString());
        }
        return Optional.empty();
    }

    private <T> T read(Function<RocksView, T> question) {
        lock.readLock().lock();
        try {
            return question.apply(current());
        } catch (DamagedViewException e) {
            damaged = true;
            throw e;
        } finally {
            lock.readLock().unlock();
        }
    }

    private static IOException cannotOpen(Path directory, RocksDBException e) {
        return new IOException(
                "Cannot open the view at " + directory + ": " + e.getMessage()
                        + ". Check that no other process uses the folder and that the disk has room; the view can be deleted, it is built anew from the topics.",
                e);
    }
}
