package dev.precast.converter;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything older that a tag can be offered as, before signing.
 *
 * @param rootMediaType of the manifest or index that the tag points to; absent when its bytes could not be kept
 * @param schema1 what a client that knows only schema 1 gets
 * @param offers for schema 2 and manifest list, only the formats older than the stored one; a type that is not a key is
 *     neither offered nor refused
 * @param manifests the bytes of the offers and of the children that were built for them; every manifest comes before the list
 *     that refers to it, none comes twice
 */
public record Conversion(
        @Nullable String rootMediaType,
        Schema1 schema1,
        Map<String, TagOffers.Offer> offers,
        List<VariantManifest> manifests) {
    public Conversion {
        offers = new TreeMap<>(offers);
        manifests = List.copyOf(manifests);
    }

    /** The schema 1 form: built here, stored as such, or refused. */
    public sealed interface Schema1 {
        /**
         * Bytes to sign.
         *
         * @param from digest of the stored image manifest that it was built from, which for a list or index is the child's
         */
        @SuppressWarnings("ArrayRecordComponent") // equal by content, see below
        record Payload(byte[] payload, Digest from) implements Schema1 {
            @Override
            public boolean equals(@Nullable Object other) {
                return other instanceof Payload that && Arrays.equals(payload, that.payload) && from.equals(that.from);
            }

            @Override
            public int hashCode() {
                return 31 * Arrays.hashCode(payload) + from.hashCode();
            }
        }

        /** A manifest that was pushed as schema 1, to be returned as is. */
        record Stored(Blob manifest) implements Schema1 {}

        /** Why there is none. */
        record Refused(Refusal refusal) implements Schema1 {}
    }
}
