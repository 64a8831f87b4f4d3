package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.metrics.Lookups;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was read from the view and checked, for as long as it cannot have changed. Every repository shares a counter with a few
 * others; a change moves it on, and what was read before is not used any more. The counter is read before the view is: what is
 * read while it changes counts as old. So a tag that moved is seen moved by every request that comes after the view's writer has
 * told of it.
 *
 * <p>Manifests that are asked for again and again lie in memory, all that were read in a {@link HotFile}, if there is one: without
 * one, all lie in memory. Thread-safe.
 */
final class ReadCache implements ViewListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadCache.class);
    private static final int STRIPES = 1 << 14;
    /** Of the memory, for offers; the rest is for manifests. */
    private static final int OFFERS_SHARE = 4;
    /** About what an entry takes besides the content: keys, strings, the cache's own. */
    private static final int OVERHEAD = 1_024;

    private static final int OFFERS_BYTES = 1_536;
    /**
     * One of so many that are found in the file goes into memory: what is asked for often soon does, and the rest does not make
     * objects that live just long enough to be a burden.
     */
    private static final int PROMOTED = 256;

    private final AtomicLongArray changes = new AtomicLongArray(STRIPES);
    private final AtomicLong allChanges = new AtomicLong();
    private final Cache<Reference, Stamped<TagOffers>> offers;
    private final Cache<String, Stamped<StoredManifest>> manifests;
    private final Favourites favourites;
    private final Lookups offersLookups = new Lookups();
    private final Lookups memoryLookups = new Lookups();
    private final Lookups fileLookups = new Lookups();
    private volatile @Nullable HotFile file;

    /** @param stamp of the repository, from before {@code value} was read */
    private record Stamped<T>(T value, long stamp) {}

    /** @param bytes of memory, about */
    ReadCache(long bytes) {
        offers = Caffeine.newBuilder()
                .maximumSize(bytes / OFFERS_SHARE / OFFERS_BYTES)
                .executor(Runnable::run)
                .build();
        manifests = Caffeine.newBuilder()
                .maximumWeight(bytes - bytes / OFFERS_SHARE)
                .weigher((String key, Stamped<StoredManifest> entry) ->
                        OVERHEAD + key.length() + entry.value().length())
                .executor(Runnable::run)
                .build();
        favourites = new Favourites(bytes - bytes / OFFERS_SHARE);
    }

    /** From now on manifests that were read go there; closed with this. */
    void use(HotFile opened) {
        file = opened;
    }

    /** Looks into each of its parts, by name. */
    Map<String, Lookups> lookups() {
        return Map.of("offers", offersLookups, "memory", memoryLookups, "file", fileLookups);
    }

    /** How much room the file's disk has. */
    void room(DiskSpace.Level level) {
        HotFile hot = file;
        if (hot != null) {
            hot.room(level);
        }
    }

    Optional<TagOffers> offers(Reference reference, Supplier<Optional<TagOffers>> read) {
        long stamp = stamp(reference.repository());
        @Nullable Stamped<TagOffers> present = offers.getIfPresent(reference);
        if (present != null && present.stamp() == stamp) {
            offersLookups.hit();
            return Optional.of(present.value());
        }
        offersLookups.miss();
        Optional<TagOffers> value = read.get();
        if (value.isPresent()) {
            offers.put(reference, new Stamped<>(value.get(), stamp));
        } else if (present != null) {
            offers.invalidate(reference);
        }
        return value;
    }

    Optional<StoredManifest> manifest(String repository, Digest digest, Supplier<Optional<StoredManifest>> read) {
        Recalled recalled = recall(repository, repository + "@" + digest);
        if (recalled.manifest() != null) {
            return Optional.of(recalled.manifest());
        }
        Optional<StoredManifest> value = read.get();
        value.ifPresent(recalled::keep);
        return value;
    }

    /** What was kept under {@code key}, if nothing of the repository has changed since. */
    Recalled recall(String repository, String key) {
        long stamp = stamp(repository);
        HotFile hot = file;
        StoredManifest inMemory =
                memoryLookups.counted(hot == null ? fromMemory(key, stamp) : favourites.get(key, stamp));
        StoredManifest found = inMemory != null || hot == null ? inMemory : fromFile(hot, key, stamp);
        return new Recalled(this, key, stamp, found);
    }

    private @Nullable StoredManifest fromMemory(String key, long stamp) {
        @Nullable Stamped<StoredManifest> present = manifests.getIfPresent(key);
        if (present != null && present.stamp() != stamp) {
            manifests.invalidate(key);
            return null;
        }
        return present == null ? null : present.value();
    }

    private @Nullable StoredManifest fromFile(HotFile hot, String key, long stamp) {
        ByteBuffer bytes = fileLookups.counted(hot.get(key.getBytes(UTF_8), stamp));
        if (bytes == null) {
            return null;
        }
        StoredManifest manifest = StoredManifest.of(bytes, hot);
        if (ThreadLocalRandom.current().nextInt(PROMOTED) == 0) {
            favourites.put(key, stamp, manifest.lasting());
        }
        return manifest;
    }

    void keep(String key, long stamp, StoredManifest manifest) {
        HotFile hot = file;
        if (hot == null) {
            manifests.put(key, new Stamped<>(manifest, stamp));
        } else if (!hot.usable()) {
            favourites.put(key, stamp, manifest);
        } else {
            hot.put(key.getBytes(UTF_8), stamp, manifest.bytes());
        }
    }

    @Override
    public void changed(Collection<String> keys) {
        for (String key : keys) {
            changes.incrementAndGet(stripe(repository(key)));
        }
    }

    @Override
    public void everythingChanged() {
        allChanges.incrementAndGet();
    }

    @Override
    public void close() {
        HotFile hot = file;
        file = null;
        try {
            if (hot != null) {
                hot.close();
            }
        } catch (IOException e) {
            LOG.debug("Cannot close the file of what was read: {}", e.toString());
        }
    }

    /** Grows with every change; both numbers only grow, so their sum is the same only when nothing changed. */
    private long stamp(String repository) {
        return changes.get(stripe(repository)) + allChanges.get();
    }

    private static int stripe(String repository) {
        int hash = repository.hashCode();
        return (hash ^ hash >>> 15) & STRIPES - 1;
    }

    /** Of {@code repository:tag} or {@code repository@digest}; a digest has a colon of its own. */
    private static String repository(String key) {
        int at = key.indexOf('@');
        int end = at >= 0 ? at : key.lastIndexOf(':');
        return end < 0 ? key : key.substring(0, end);
    }
}
