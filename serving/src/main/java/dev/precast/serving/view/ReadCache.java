package dev.precast.serving.view;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was read from the view and checked, for as long as it cannot have changed. Every repository shares a counter with a few
 * others; a change moves it on, and what was read before is not used any more. The counter is read before the view is: what is
 * read while it changes counts as old. So a tag that moved is seen moved by every request that comes after the view's writer has
 * told of it. Thread-safe.
 */
final class ReadCache implements ViewListener {
    private static final int STRIPES = 1 << 14;
    /** Of the memory, for offers; the rest is for manifests. */
    private static final int OFFERS_SHARE = 4;
    /** About what an entry takes besides the content: keys, strings, the cache's own. */
    private static final int OVERHEAD = 512;

    private static final int OFFERS_BYTES = 1_024;

    private final AtomicLongArray changes = new AtomicLongArray(STRIPES);
    private final AtomicLong allChanges = new AtomicLong();
    private final Cache<Reference, Stamped<TagOffers>> offers;
    private final Cache<ManifestKey, Stamped<StoredManifest>> manifests;

    private record ManifestKey(String repository, Digest digest) {}

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
                .weigher((ManifestKey key, Stamped<StoredManifest> entry) ->
                        OVERHEAD + entry.value().length())
                .executor(Runnable::run)
                .build();
    }

    Optional<TagOffers> offers(Reference reference, Supplier<Optional<TagOffers>> read) {
        return cached(offers, reference, stamp(reference.repository()), read);
    }

    Optional<StoredManifest> manifest(String repository, Digest digest, Supplier<Optional<StoredManifest>> read) {
        return cached(manifests, new ManifestKey(repository, digest), stamp(repository), read);
    }

    private static <K, T> Optional<T> cached(
            Cache<K, Stamped<T>> cache, K key, long stamp, Supplier<Optional<T>> read) {
        @Nullable Stamped<T> present = cache.getIfPresent(key);
        if (present != null && present.stamp() == stamp) {
            return Optional.of(present.value());
        }
        Optional<T> value = read.get();
        if (value.isPresent()) {
            cache.put(key, new Stamped<>(value.get(), stamp));
        } else if (present != null) {
            cache.invalidate(key);
        }
        return value;
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
