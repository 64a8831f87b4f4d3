package dev.precast.serving.view;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.metrics.Lookups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.rocksdb.TickerType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The view as requests see it: one generation at a time, replaced under them when another is ready. Thread-safe; reading waits
 * for nothing but a replacement.
 *
 * <p>A generation that is damaged is read on while another is built: each value is checked, and what is not found is not believed.
 * A generation that may hold what was deleted is not read at all.
 */
public final class ManifestView implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestView.class);
    private static final long NEVER = Long.MIN_VALUE;
    /** Characters of Accept lines with which an answer is kept: what clients really send is shorter. */
    private static final int MAX_ACCEPT = 2_048;
    /** Of what the disk has free, the part that what was read may take. */
    private static final int FREE_SHARE = 4;

    private final Generations generations;
    private final long cacheBytes;
    private final long maxStalenessNanos;
    private final LongSupplier nanoTime;
    private final Shard shard;
    /** Of {@code precast-variants}; 0 while nobody knows. */
    private volatile int partitions;

    private final List<ViewListener> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable ReadCache memory;
    private volatile long hotBytes;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable ViewStorage storage;
    private volatile @Nullable RocksView current;
    private volatile boolean trusted;
    private volatile boolean damaged;
    private volatile long fullAt = NEVER;

    /**
     * Does no I/O.
     *
     * @param root folder that holds nothing but this view
     * @param cacheBytes of memory for blocks read
     * @param maxStaleness since the view last held everything, beyond which it is not ready; zero: never
     * @param nanoTime a clock that only goes forward, such as {@link System#nanoTime}
     * @param shard the part of the repositories that it holds
     */
    public ManifestView(Path root, long cacheBytes, Duration maxStaleness, LongSupplier nanoTime, Shard shard) {
        this.shard = shard;
        this.generations = new Generations(root);
        this.cacheBytes = cacheBytes;
        this.maxStalenessNanos = maxStaleness.toNanos();
        this.nanoTime = nanoTime;
    }

    /** From now on {@code listener} is told of every change; there is no way to leave. */
    public void onChange(ViewListener listener) {
        listeners.add(listener);
    }

    /**
     * From now on what was read is kept, checked, for as long as nothing of its repository changes. Before {@link #open}.
     *
     * @param bytes of memory for it, about; zero: nothing is kept
     * @param fileBytes of the disk for what memory does not hold; zero: nothing is
     */
    public void keep(long bytes, long fileBytes) {
        if (bytes > 0) {
            ReadCache cache = new ReadCache(bytes);
            listeners.add(0, cache); // Before those who read again when they are told.
            memory = cache;
            hotBytes = fileBytes;
        }
    }

    /** Opens what the last run left, or a new view where there is none or it is damaged. Nothing is ready by that. */
    void open() throws IOException {
        lock.writeLock().lock();
        try {
            ViewStorage shared = new ViewStorage(cacheBytes);
            storage = shared;
            openGeneration(shared);
            openHotFile();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** No larger than leaves the disk room. */
    private void openHotFile() {
        ReadCache cache = memory;
        if (cache == null || hotBytes == 0) {
            return;
        }
        try {
            long free = Files.getFileStore(generations.root()).getUsableSpace();
            cache.use(HotFile.open(generations.root(), Math.min(hotBytes, free / FREE_SHARE)));
        } catch (IOException e) {
            LOG.warn("What was read from the view is kept in memory only: {}", e.toString());
        }
    }

    private void openGeneration(ViewStorage shared) throws IOException {
        Optional<RocksView> left = generations.open(shared);
        RocksView opened = left.isPresent() ? left.get() : fresh();
        if (left.isEmpty()) {
            generations.activate(opened.directory());
            trusted = false;
        }
        damaged = false;
        current = opened;
        generations.deleteOthers(opened.directory());
    }

    /**
     * Whether requests may be answered from the view: it held everything once since it was opened, may hold nothing that was
     * deleted meanwhile, and is not too old. It stays so when Kafka is lost.
     */
    public boolean ready() {
        return trusted && current != null && !tooOld() && (shard.count() == 1 || partitions > 0);
    }

    /** The shard that has the repository, where it is another one than this; absent where it is this. */
    public @Nullable Shard elsewhere(String repository) {
        int all = partitions;
        return shard.count() == 1 || all == 0 || shard.holds(repository, all) ? null : shard.of(repository, all);
    }

    /** The part of the repositories that this view holds. */
    Shard shard() {
        return shard;
    }

    /** @param all partitions of {@code precast-variants} */
    void splitInto(int all) {
        partitions = all;
    }

    /** What the tag offers; empty when nothing was built for it. */
    public Optional<TagOffers> offers(Reference reference) {
        ReadCache cache = memory;
        return cache == null ? readOffers(reference) : cache.offers(reference, () -> readOffers(reference));
    }

    /** The manifest that was built or kept in this repository under the digest. */
    public Optional<StoredManifest> manifest(String repository, Digest digest) {
        ReadCache cache = memory;
        return cache == null
                ? readManifest(repository, digest)
                : cache.manifest(repository, digest, () -> readManifest(repository, digest));
    }

    /** The same as the answer to what {@code into} was asked for, which is then kept there and nowhere else. */
    public Optional<StoredManifest> manifest(String repository, Digest digest, Recalled into) {
        Optional<StoredManifest> found = readManifest(repository, digest);
        found.ifPresent(into::keep);
        return found;
    }

    /**
     * The manifest that was found before as the answer to requests of a tag with these Accept lines, if nothing of its repository
     * and no settings changed since.
     */
    public Recalled answer(Reference reference, List<String> accept) {
        ReadCache cache = memory;
        String key = reference.repository() + ':' + reference.tag();
        int length = 0;
        for (String line : accept) {
            length += line.length();
        }
        return cache == null || length > MAX_ACCEPT
                ? new Recalled(null, key, 0, null)
                : cache.recall(reference.repository(), accept.isEmpty() ? key : key + '\n' + String.join("\n", accept));
    }

    /** The settings of all patterns. */
    public SettingsTable settings() {
        return read(RocksView::settings);
    }

    /** Seconds since the view last held everything that was in the topics; NaN before it ever did. */
    double ageSeconds() {
        long at = fullAt;
        return at == NEVER ? Double.NaN : (nanoTime.getAsLong() - at) / 1e9;
    }

    /** A number that RocksDB keeps of the generation in force; zero while there is none. */
    double property(String name) {
        return measured(view -> view.property(name));
    }

    /** What RocksDB counted since the view was opened. */
    double ticker(TickerType ticker) {
        ViewStorage shared = storage;
        return shared == null ? 0 : measured(view -> shared.count(ticker));
    }

    /** Bytes of the block cache in use. */
    double cacheUsage() {
        ViewStorage shared = storage;
        return shared == null ? 0 : measured(view -> shared.cacheUsage());
    }

    /** Looks into what was read before, by the name of the cache; none when nothing is kept. */
    Map<String, Lookups> lookups() {
        ReadCache cache = memory;
        return cache == null ? Map.of() : cache.lookups();
    }

    /** Whether something was read that was never written, so that this generation has to be replaced. */
    boolean damaged() {
        return damaged;
    }

    void markDamaged() {
        damaged = true;
    }

    /** The view holds everything as of {@code nanos} on its clock. */
    void markFull(long nanos) {
        fullAt = nanos;
        if (!trusted) {
            trusted = true;
            everythingChanged();
        }
    }

    /** Nothing of the view may be served until {@link #markFull}: it may hold what was deleted. */
    void distrust() {
        if (trusted) {
            trusted = false;
            everythingChanged();
        }
    }

    void changed(Collection<String> keys) {
        for (ViewListener listener : listeners) {
            listener.changed(keys);
        }
    }

    void everythingChanged() {
        for (ViewListener listener : listeners) {
            listener.everythingChanged();
        }
    }

    /** How much room the view's disk has: what was read takes none that the view needs. */
    void room(DiskSpace.Level level) {
        ReadCache cache = memory;
        if (cache != null) {
            cache.room(level);
        }
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
        return generations.create(shared);
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
        everythingChanged();
        generations.deleteOthers(next.directory());
    }

    void discard(RocksView unfinished) {
        unfinished.close();
        generations.delete(unfinished.directory());
    }

    /** Closes and opens the generation in force, which RocksDB asks for after a failed write. Readers wait meanwhile. */
    void reopen() throws IOException {
        lock.writeLock().lock();
        try {
            RocksView old = current;
            current = null;
            if (old != null) {
                old.close();
            }
            ViewStorage shared = storage;
            if (shared != null) {
                openGeneration(shared);
            }
        } finally {
            lock.writeLock().unlock();
        }
        everythingChanged();
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            trusted = false;
            RocksView old = current;
            current = null;
            if (old != null) {
                old.close();
            }
            if (storage != null) {
                storage.close();
                storage = null;
            }
            ReadCache cache = memory;
            if (cache != null) {
                cache.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private boolean tooOld() {
        return maxStalenessNanos > 0 && nanoTime.getAsLong() - fullAt > maxStalenessNanos;
    }

    /** In a damaged generation something missing may be what the damage took away. */
    private <T> Optional<T> found(Optional<T> value) {
        if (value.isEmpty() && damaged) {
            throw new DamagedViewException("The view is damaged: what it does not hold may exist.");
        }
        return value;
    }

    private Optional<TagOffers> readOffers(Reference reference) {
        return found(read(view -> view.offers(reference)));
    }

    private Optional<StoredManifest> readManifest(String repository, Digest digest) {
        return found(read(view -> view.manifest(repository, digest)));
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
            if (current != null && !damaged) {
                damaged = true; // Said once: until the view is rebuilt every request may come upon it.
                LOG.error("The view is damaged, which a request found: {}", e.getMessage());
            }
            throw e;
        } finally {
            lock.readLock().unlock();
        }
    }

    private double measured(ToLongFunction<RocksView> question) {
        lock.readLock().lock();
        try {
            RocksView view = current;
            return view == null ? 0 : question.applyAsLong(view);
        } finally {
            lock.readLock().unlock();
        }
    }
}
