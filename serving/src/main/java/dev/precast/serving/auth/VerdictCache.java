package dev.precast.serving.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the upstream said, per credential and repository; the least recently asked is forgotten first. Thread-safe. */
final class VerdictCache {
    static final int DEFAULT_ENTRIES = 20_000;

    /**
     * A yes or no to one credential is never one to another.
     *
     * @param fingerprint of the credential
     */
    record Key(String fingerprint, String repository) {}

    /**
     * @param answeredAt when the upstream said so, on the authoriser's clock
     * @param holdsUntil when it has to be asked again
     */
    record Entry(boolean allowed, long answeredAt, long holdsUntil) {}

    private final Map<Key, Entry> entries;

    VerdictCache(int capacity) {
        entries = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, VerdictCache.Entry> eldest) {
                return size() > capacity;
            }
        };
    }

    synchronized @Nullable Entry get(Key key) {
        return entries.get(key);
    }

    synchronized void put(Key key, Entry entry) {
        entries.put(key, entry);
    }

    synchronized int size() {
        return entries.size();
    }
}
