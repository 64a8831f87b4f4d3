package dev.precast.serving.view;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Some thousand manifests in memory, each in the one place that its key leads to; the newest takes the place of what was there.
 * Looking in vain costs next to nothing, which matters when most of what is asked for is not here. Thread-safe.
 */
final class Favourites {
    /** Bytes that a place takes, about, as most manifests are. */
    private static final int BYTES = 8 << 10;
    /** Bytes of the largest that may stay. */
    private static final int LARGEST = 32 << 10;

    private final AtomicReferenceArray<@Nullable Kept> places;
    private final int mask;

    private record Kept(String key, long stamp, StoredManifest manifest) {}

    /** @param bytes of memory, about */
    Favourites(long bytes) {
        int count = Integer.highestOneBit((int) Math.max(1, Math.min(1 << 20, bytes / BYTES)));
        places = new AtomicReferenceArray<>(count);
        mask = count - 1;
    }

    /** What was put under the key with this stamp; absent when it is not here any more. */
    @Nullable
    StoredManifest get(String key, long stamp) {
        Kept kept = places.get(place(key));
        return kept != null && kept.stamp() == stamp && kept.key().equals(key) ? kept.manifest() : null;
    }

    void put(String key, long stamp, StoredManifest manifest) {
        if (manifest.length() <= LARGEST) {
            places.set(place(key), new Kept(key, stamp, manifest));
        }
    }

    private int place(String key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return (hash ^ hash >>> 16) & mask;
    }
}
