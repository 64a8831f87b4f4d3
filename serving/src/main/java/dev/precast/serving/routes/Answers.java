package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.freshness.TagAnswer;
import dev.precast.serving.freshness.TagRequest;
import dev.precast.serving.negotiation.Decision;
import dev.precast.serving.negotiation.IfNoneMatch;
import dev.precast.serving.negotiation.Negotiation;
import dev.precast.serving.negotiation.NegotiationRules;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.view.DamagedViewException;
import dev.precast.serving.view.ManifestView;
import dev.precast.serving.view.StoredManifest;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what a request gets: settings first, then who asks, and only then what the view holds, so that neither the answer nor
 * its timing tells a stranger what is there. A caller whom the upstream does not let in gets the upstream's own answer to the very
 * request. Thread-safe.
 */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    /** Between two reads a tag may move and what it pointed to go; the second time it is there. */
    private static final int ATTEMPTS = 2;

    private final ManifestView view;
    private final OffersLookup lookup;
    private final Authoriser authoriser;
    private final UpstreamRequests upstream;
    private final Fingerprints fingerprints;
    private final Catalog catalog;
    private final boolean delegated;

    /** @param delegated whether callers' credentials are the upstream's, which then answers for everything that is its own */
    Answers(
            ManifestView view,
            OffersLookup lookup,
            Authoriser authoriser,
            Fingerprints fingerprints,
            Catalog catalog,
            boolean delegated) {
        this.view = view;
        this.lookup = lookup;
        this.authoriser = authoriser;
        this.upstream = new UpstreamRequests(delegated);
        this.fingerprints = fingerprints;
        this.catalog = catalog;
        this.delegated = delegated;
    }

    /** The answer to a GET or HEAD; never throws for what a client sends. */
    Answer to(ClientRequest request) {
        try {
            return dispatch(request);
        } catch (DamagedViewException e) {
            LOG.debug("A manifest was not sent because the view is damaged: {}", e.getMessage());
            return Answer.Failure.unavailable("the manifest cannot be read right now, please try again");
        }
    }

    private Answer dispatch(ClientRequest request) {
        RegistryPath path = request.path();
        if (path instanceof RegistryPath.ByTag byTag) {
            return byTag(request, byTag.reference());
        }
        if (path instanceof RegistryPath.ByDigest byDigest) {
            return byDigest(request, byDigest.repository(), byDigest.digest());
        }
        if (path instanceof RegistryPath.BlobPath blob) {
            return blob(request, blob.repository(), blob.digest());
        }
        if (path instanceof RegistryPath.Tags tags) {
            PageQuery page = PageQuery.parse(request.rawQuery());
            return orError(
                    page,
                    () -> guarded(
                            request,
                            tags.repository(),
                            new Answer.Relay(upstream.tags(request, tags.repository(), page))));
        }
        if (path instanceof RegistryPath.Catalog) {
            PageQuery page = PageQuery.parse(request.rawQuery());
            return orError(page, () -> catalog.answer(request, page, upstream));
        }
        if (path instanceof RegistryPath.Invalid invalid) {
            return new Answer.Failure(invalid.error());
        }
        Ruling ruling = authoriser.enter(request.credential());
        if (ruling instanceof Ruling.Refused refused) {
            return new Answer.Rejected(refused.error(), refused.headers());
        }
        return ruling.allowed()
                ? new Answer.Here()
                : new Answer.Front(upstream.ping(request), fingerprints.of(request.credential()));
    }

    private Answer byTag(ClientRequest request, Reference reference) {
        Answer.Relay relay = new Answer.Relay(upstream.manifest(request, reference));
        return own(request, reference.repository(), relay, () -> offered(request, reference, relay));
    }

    private Answer byDigest(ClientRequest request, String repository, Digest digest) {
        Answer.Relay relay = new Answer.Relay(upstream.manifest(request, repository, digest));
        return own(
                request,
                repository,
                relay,
                () -> view.manifest(repository, digest)
                        .map(manifest -> conditional(request, manifest))
                        .orElse(relay));
    }

    private Answer blob(ClientRequest request, String repository, Digest digest) {
        Answer.Relay relay = new Answer.Relay(upstream.blob(request, repository, digest));
        if (!digest.equals(Digest.EMPTY_LAYER)) {
            return guarded(request, repository, relay);
        }
        return own(
                request,
                repository,
                relay,
                () -> IfNoneMatch.matches(digest, request.headers().all("if-none-match"))
                        ? new Answer.NotModified(digest)
                        : new Answer.Empty());
    }

    /** What the upstream has: in delegated mode for it to give, otherwise for those who may read the repository. */
    private Answer guarded(ClientRequest request, String repository, Answer.Relay relay) {
        return delegated ? relay : permitted(request, repository, relay, () -> relay);
    }

    /** What Precast itself has for those who may read it; everything else is the upstream's. */
    private Answer own(ClientRequest request, String repository, Answer.Relay relay, Supplier<Answer> held) {
        return delegated
                ? converted(repository, relay, () -> permitted(request, repository, relay, held))
                : permitted(request, repository, relay, () -> converted(repository, relay, held));
    }

    private Answer converted(String repository, Answer.Relay relay, Supplier<Answer> held) {
        if (!view.ready()) {
            return Answer.Failure.unavailable("the view is still being filled, please try again");
        }
        return view.settings().inForce(repository).schemaConversion() ? held.get() : relay;
    }

    private Answer permitted(ClientRequest request, String repository, Answer.Relay relay, Supplier<Answer> held) {
        return ruled(authoriser.read(repository, request.credential()), relay, held);
    }

    private static Answer ruled(Ruling ruling, Answer.Relay relay, Supplier<Answer> held) {
        if (ruling instanceof Ruling.Refused refused) {
            return new Answer.Rejected(refused.error(), refused.headers());
        }
        return ruling.allowed() ? held.get() : relay;
    }

    private Answer offered(ClientRequest request, Reference reference, Answer.Relay relay) {
        TagRequest asked = new TagRequest(
                reference, relay.request(), request.headers().all("accept"), rules(reference.repository()));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TagAnswer answer = lookup.find(asked);
            if (!(answer instanceof TagAnswer.Offers found)) {
                return withoutOffers(answer, relay);
            }
            TagOffers offers = found.offers();
            Decision decision =
                    Negotiation.decide(offers.rootMediaType(), offers.offers(), asked.accept(), asked.rules());
            if (decision instanceof Decision.Refuse refuse) {
                return new Answer.Failure(refuse.error());
            }
            if (decision instanceof Decision.PassThrough pass) {
                return pass.byWildcard() ? byName(relay, offers.rootMediaType()) : relay;
            }
            Digest digest = ((Decision.Serve) decision).digest();
            Optional<StoredManifest> manifest = view.manifest(reference.repository(), digest);
            if (manifest.isPresent()) {
                return conditional(request, manifest.get());
            }
        }
        LOG.warn("The view offers a manifest of {} that it does not hold.", reference);
        return Answer.Failure.unavailable("the manifest is being replaced, please try again");
    }

    private static Answer withoutOffers(TagAnswer answer, Answer.Relay relay) {
        if (answer instanceof TagAnswer.Pending) {
            return new Answer.Failure(RegistryError.pending());
        }
        return answer instanceof TagAnswer.Unchecked
                ? Answer.Failure.unavailable("the upstream registry cannot be asked for what it has, please try again")
                : relay;
    }

    private NegotiationRules rules(String repository) {
        RepositorySettings settings = view.settings().inForce(repository);
        boolean nativeForWildcard = settings.wildcard() == RepositorySettings.Wildcard.NATIVE;
        return nativeForWildcard || settings.strict()
                ? new NegotiationRules(nativeForWildcard, settings.strict())
                : NegotiationRules.DEFAULT;
    }

    /** The upstream may not read wildcards: it is asked for the stored type by name as well. */
    private static Answer byName(Answer.Relay relay, @org.jspecify.annotations.Nullable String rootMediaType) {
        if (rootMediaType == null) {
            return relay;
        }
        HeaderLines headers = relay.request().headers().plus("accept", Objects.requireNonNull(rootMediaType));
        return new Answer.Relay(new dev.precast.serving.upstream.UpstreamRequest(
                relay.request().head(), relay.request().target(), headers));
    }

    private static Answer conditional(ClientRequest request, StoredManifest manifest) {
        return IfNoneMatch.matches(manifest.digest(), request.headers().all("if-none-match"))
                ? new Answer.NotModified(manifest.digest())
                : new Answer.ViewManifest(manifest);
    }

    private static Answer orError(PageQuery page, Supplier<Answer> answer) {
        RegistryError error = page.error();
        return error != null ? new Answer.Failure(error) : answer.get();
    }
}
