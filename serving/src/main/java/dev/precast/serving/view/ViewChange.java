package dev.precast.serving.view;

import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;

/** What one record of a topic asks of the view. */
sealed interface ViewChange {
    /** A tag's offers, unless the view holds something newer under the key. */
    record PutOffers(String key, long version, TagOffers offers) implements ViewChange {}

    /** A manifest, unless the view holds something newer under the key. */
    record PutManifest(String key, long version, VariantManifest manifest) implements ViewChange {}

    /** A tombstone. The view keeps a marker with the version, so that what is older cannot come back. */
    record DeleteVariant(String key, long version) implements ViewChange {}

    /** Settings of a repository pattern. */
    record PutSettings(String pattern, RepositorySettings settings) implements ViewChange {}

    /** A pattern that is no longer set. */
    record DeleteSettings(String pattern) implements ViewChange {}

    /**
     * A record that cannot be used; it is passed over.
     *
     * @param message for the log: what was found and expected, no content
     */
    record Skip(String message) implements ViewChange {}
}
