package dev.precast.serving.freshness;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.serving.negotiation.Decision;
import dev.precast.serving.negotiation.Negotiation;
import dev.precast.serving.negotiation.NegotiationRules;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a client would be served a variant, if there were one. Pure. */
final class Wants {
    private static final Offer SOME = Offer.of(Digest.EMPTY_LAYER);
    private static final List<String> ROOTS =
            List.of(MediaTypes.OCI_INDEX, MediaTypes.OCI_MANIFEST, MediaTypes.MANIFEST_LIST, MediaTypes.SCHEMA2);
    /** As in the table of conversions: what is built of what. */
    private static final Map<String, Map<String, Offer>> BUILT = Map.of(
            MediaTypes.OCI_INDEX,
            Map.of(MediaTypes.MANIFEST_LIST, SOME, MediaTypes.SCHEMA2, SOME, MediaTypes.SCHEMA1_SIGNED, SOME),
            MediaTypes.OCI_MANIFEST,
            Map.of(MediaTypes.SCHEMA2, SOME, MediaTypes.SCHEMA1_SIGNED, SOME),
            MediaTypes.MANIFEST_LIST,
            Map.of(MediaTypes.SCHEMA2, SOME, MediaTypes.SCHEMA1_SIGNED, SOME),
            MediaTypes.SCHEMA2,
            Map.of(MediaTypes.SCHEMA1_SIGNED, SOME));

    private Wants() {}

    /** Of a tag of which nothing is known: whether there is any stored form that the client would not take as it is. */
    static boolean ofSome(List<String> accept, NegotiationRules rules) {
        return ROOTS.stream().anyMatch(root -> of(root, accept, rules));
    }

    /** @param root media type of the stored manifest; absent or unknown ones are taken as they are */
    static boolean of(@Nullable String root, List<String> accept, NegotiationRules rules) {
        Map<String, Offer> offers = root == null ? Map.of() : BUILT.getOrDefault(root, Map.of());
        return Negotiation.decide(root, offers, accept, rules) instanceof Decision.Serve;
    }
}
