package dev.precast.serving.freshness;

import dev.precast.schemas.record.TagOffers;

/** What there is for a {@link TagRequest}. */
public sealed interface TagAnswer {
    /** The tag's offers, as fresh as they have to be. */
    record Offers(TagOffers offers) implements TagAnswer {}

    /** Nothing that the caller would need: the upstream's own answer. */
    record PassThrough() implements TagAnswer {}

    /** The upstream has the tag, and what this caller needs is not built yet. */
    record Pending() implements TagAnswer {}

    /** It has to be compared with the upstream, which cannot be asked. */
    record Unchecked() implements TagAnswer {}
}
