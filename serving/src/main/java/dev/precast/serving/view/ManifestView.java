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
    private final long cacheBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable ViewStorage storage;
    private volatile @Nullable RocksView current;
    private volatile boolean ready;
    private volatile boolean damaged;

    /**
     * Does no I/O.
     *
     * @param root folder that holds nothing but this view
     * @param cacheBytes of memory for blocks read
     */
    public ManifestView(Path root, long cacheBytes) {
        this.generations = new Generations(root);
        this.cacheBytes = cacheBytes;
    }

    /** Opens what the last run left, or a new view where there is none or it is damaged. */
    void open() throws IOException {
        lock.writeLock().lock();
        try {
            ViewStorage shared = new ViewStorage(cacheBytes);
            storage = shared;
            Optional<RocksView> left = openCurrent(shared);
            RocksView opened = left.isPresent() ? left.get() : fresh();
            if (left.isEmpty()) {
                generations.activate(opened.directory());
                ready = false;
                damaged = false;
            }
            current = opened;
            generations.deleteOthers(opened.directory());
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Whether the view has held everything since it was opened; it stays so when Kafka is lost. */
    public boolean ready() {
        return ready && current != null;
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

    /** Takes the generation in force out of use until {@link #ensureOpen}: RocksDB has to be opened anew after a failed write. */
    void suspend() {
        lock.writeLock().lock();
        try {
            RocksView old = current;
            current = null;
            if (old != null) {
                old.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Opens the generation in force, if it is not open. */
    void ensureOpen() throws IOException {
        if (current == null) {
            close(storage);
            open();
        }
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            ready = false;
            suspend();
            close(storage);
            storage = null;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private static void close(@Nullable ViewStorage storage) {
        if (storage != null) {
            storage.close();
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
            RocksView view = current;
            if (view == null) {
                throw new DamagedViewException("The view is not open.");
            }
            return question.apply(view);
        } catch (DamagedViewException e) {
            damaged = current != null;
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
