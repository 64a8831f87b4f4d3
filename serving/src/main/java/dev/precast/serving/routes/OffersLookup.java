package dev.precast.serving.routes;

import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import java.util.Optional;

/**
 * Where a tag's offers come from: the view. Here is the place for whoever wants to wait for a variant that is being built, or to
 * compare with the upstream first; it is asked only for callers who may read the repository.
 */
@FunctionalInterface
interface OffersLookup {
    Optional<TagOffers> find(Reference reference);
}
