package dev.precast.serving.freshness;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import org.jspecify.annotations.Nullable;

/** Where a tag is reported that the view does not have as the upstream has it. Thread-safe; never waits, never throws. */
@FunctionalInterface
public interface MissHints {
    /**
     * @param gone whether the upstream does not have the tag any more
     * @param digest what the upstream has; absent when it did not say or the tag is gone
     */
    void report(Reference reference, boolean gone, @Nullable Digest digest);
}
