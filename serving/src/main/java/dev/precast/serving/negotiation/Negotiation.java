package dev.precast.serving.negotiation;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.TagOffers.Offer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among what is stored and what was built ahead of time. The order of preference is always the same: the stored form
 * when the client names it, then the newest older form that it names, then schema 1 for those that can be taken for old clients,
 * then the stored form for those who take anything.
 *
 * <p>The texts of the 404s are those of Distribution 2.8 ({@code registry/handlers/manifests.go} at v2.8.3).
 */
public final class Negotiation {
    private static final RegistryError NO_OCI_MANIFEST = RegistryError.of(
            404, "MANIFEST_UNKNOWN", "OCI manifest found, but accept header does not support OCI manifests");
    private static final RegistryError NO_OCI_INDEX = RegistryError.of(
            404, "MANIFEST_UNKNOWN", "OCI index found, but accept header does not support OCI indexes");
    private static final RegistryError NOTHING_FITS = RegistryError.of(404, "MANIFEST_UNKNOWN", "manifest unknown");

    private static final Decision NATIVE = new Decision.PassThrough(false);
    private static final Decision NATIVE_BY_WILDCARD = new Decision.PassThrough(true);

    private Negotiation() {}

    /**
     * Decides for one request of one tag.
     *
     * @param rootMediaType of the stored manifest; absent when it could not be read
     * @param offers by media type, as the converter published them; a type that is no key is neither offered nor refused
     * @param acceptLines every Accept header line of the request, as sent
     */
    public static Decision decide(
            @Nullable String rootMediaType,
            Map<String, Offer> offers,
            List<String> acceptLines,
            NegotiationRules rules) {
        Accept accept = Accept.parse(acceptLines);
        if (rootMediaType != null && MediaTypes.isSchema1(rootMediaType)) {
            return storedSchema1(offers, accept);
        }
        if (rootMediaType != null && accept.accepts(rootMediaType)) {
            return NATIVE;
        }
        return named(rootMediaType, offers, accept)
                .or(() -> unnamed(rootMediaType, offers, accept, rules))
                .orElseGet(() -> nothingFits(rootMediaType, accept, rules));
    }

    /** A stored schema 1 goes out as it is, to everyone who is not known to be newer than it. */
    private static Decision storedSchema1(Map<String, Offer> offers, Accept accept) {
        Offer offer = offers.get(MediaTypes.SCHEMA1_SIGNED);
        boolean newer = accept.excludesSchema1() || (accept.knowsOci() && !accept.acceptsSchema1());
        if (offer == null || offer.digest() == null || newer) {
            return NATIVE;
        }
        return new Decision.Serve(MediaTypes.SCHEMA1_SIGNED, offer.digest());
    }

    /** The first older form that the client names and the converter has an opinion about. */
    private static Optional<Decision> named(@Nullable String root, Map<String, Offer> offers, Accept accept) {
        if (accept.accepts(MediaTypes.MANIFEST_LIST) && offers.containsKey(MediaTypes.MANIFEST_LIST)) {
            return offered(MediaTypes.MANIFEST_LIST, root, offers, accept);
        }
        if (accept.accepts(MediaTypes.SCHEMA2) && offers.containsKey(MediaTypes.SCHEMA2)) {
            return offered(MediaTypes.SCHEMA2, root, offers, accept);
        }
        if (accept.acceptsSchema1()) {
            return offered(MediaTypes.SCHEMA1_SIGNED, root, offers, accept);
        }
        return Optional.empty();
    }

    /** What clients get whose Accept names nothing that fits. */
    private static Optional<Decision> unnamed(
            @Nullable String root, Map<String, Offer> offers, Accept accept, NegotiationRules rules) {
        if (accept.excludesSchema1()) {
            return Optional.empty();
        }
        if (accept.namesNothing()) {
            boolean nativeWanted = rules.nativeForWildcard() && takesByWildcard(root, accept);
            return nativeWanted
                    ? Optional.of(NATIVE_BY_WILDCARD)
                    : offered(MediaTypes.SCHEMA1_SIGNED, root, offers, withoutWildcard(accept));
        }
        boolean dockerRoot = MediaTypes.SCHEMA2.equals(root) || MediaTypes.MANIFEST_LIST.equals(root);
        if (dockerRoot && !accept.wildcard() && !accept.knowsOci() && !rules.strict()) {
            return offered(MediaTypes.SCHEMA1_SIGNED, root, offers, accept);
        }
        return Optional.empty();
    }

    /** A refused form ends the search: a form further down would be the wrong image as likely as the right one. */
    private static Optional<Decision> offered(
            String mediaType, @Nullable String root, Map<String, Offer> offers, Accept accept) {
        Offer offer = offers.get(mediaType);
        if (offer == null) {
            return Optional.empty();
        }
        if (offer.digest() != null) {
            return Optional.of(new Decision.Serve(mediaType, offer.digest()));
        }
        if (offer.refusal() == null || takesByWildcard(root, accept)) {
            return Optional.of(NATIVE_BY_WILDCARD);
        }
        return Optional.of(new Decision.Refuse(RegistryError.refused(offer.refusal())));
    }

    private static Decision nothingFits(@Nullable String root, Accept accept, NegotiationRules rules) {
        if (takesByWildcard(root, accept)) {
            return NATIVE_BY_WILDCARD;
        }
        if (MediaTypes.OCI_MANIFEST.equals(root)) {
            return new Decision.Refuse(NO_OCI_MANIFEST);
        }
        if (MediaTypes.OCI_INDEX.equals(root)) {
            return new Decision.Refuse(NO_OCI_INDEX);
        }
        boolean strict = rules.strict() && root != null && !accept.knowsOci() && !accept.namesNothing();
        return strict ? new Decision.Refuse(NOTHING_FITS) : NATIVE;
    }

    private static boolean takesByWildcard(@Nullable String root, Accept accept) {
        return accept.wildcard() && (root == null || !accept.excluded().contains(root));
    }

    private static Accept withoutWildcard(Accept accept) {
        return new Accept(accept.types(), false, accept.excluded());
    }
}
