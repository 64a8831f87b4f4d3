package dev.precast.serving.view;

import org.jspecify.annotations.Nullable;

/** What is known of the answer to a question that was asked before. Thread-safe. */
public final class Recalled {
    private final @Nullable ReadCache cache;
    private final String key;
    private final long stamp;
    private final @Nullable StoredManifest manifest;

    /** @param stamp of the repository, from before anything of it was read */
    Recalled(@Nullable ReadCache cache, String key, long stamp, @Nullable StoredManifest manifest) {
        this.cache = cache;
        this.key = key;
        this.stamp = stamp;
        this.manifest = manifest;
    }

    /** The answer; absent when it has to be found. */
    public @Nullable StoredManifest manifest() {
        return manifest;
    }

    /** Keeps the answer that was found, for as long as nothing of its repository has changed since this was made. */
    void keep(StoredManifest found) {
        if (cache != null) {
            cache.keep(key, stamp, found);
        }
    }
}
