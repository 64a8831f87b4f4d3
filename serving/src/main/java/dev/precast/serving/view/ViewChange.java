package dev.precast.serving.view;

import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import org.jspecify.annotations.Nullable;

/** What one record of a topic asks of the view. */
sealed interface ViewChange {
    /** The key in {@code precast-variants} that it is about; absent when it is about none. */
    default @Nullable String variantKey() {
        return null;
    }

    /** A tag's offers, unless the view holds something newer under the key. */
    record PutOffers(String key, long version, TagOffers offers) implements ViewChange {
        @Override
        public String variantKey() {
            return key;
        }
    }

    /** A manifest, unless the view holds something newer under the key. */
    record PutManifest(String key, long version, VariantManifest manifest) implements ViewChange {
        @Override
        public String variantKey() {
            return key;
        }
    }

    /** A tombstone. The view keeps a marker with the version, so that what is older cannot come back. */
    record DeleteVariant(String key, long version) implements ViewChange {
        @Override
        public String variantKey() {
            return key;
        }
    }

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
