package dev.precast.serving.routes;

import dev.precast.serving.freshness.TagAnswer;
import dev.precast.serving.freshness.TagRequest;

/**
 * Where a tag's offers come from: the view, and where they are missing or too old, the view a moment later. It is asked only for
 * callers who may read the repository, and may take as long as is configured for waiting.
 */
@FunctionalInterface
interface OffersLookup {
    TagAnswer find(TagRequest request);
}
