package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.auth.Authoriser;
import dev.precast.serving.auth.Fingerprints;
import dev.precast.serving.auth.Ruling;
import dev.precast.serving.freshness.FreshOffers;
import dev.precast.serving.freshness.TagAnswer;
import dev.precast.serving.freshness.TagRequest;
import dev.precast.serving.negotiation.Decision;
import dev.precast.serving.negotiation.IfNoneMatch;
import dev.precast.serving.negotiation.Negotiation;
import dev.precast.serving.negotiation.NegotiationRules;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.view.DamagedViewException;
import dev.precast.serving.view.ManifestView;
import dev.precast.serving.view.Recalled;
import dev.precast.serving.view.Shard;
import dev.precast.serving.view.StoredManifest;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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

    private static final String SHARD = "precast-shard";

    private final ManifestView view;
    private final FreshOffers lookup;
    private final Authoriser authoriser;
    private final UpstreamRequests upstream;
    private final Fingerprints fingerprints;
    private final Catalog catalog;
    private final boolean delegated;
    private final boolean remembered;

    /**
     * @param delegated whether callers' credentials are the upstream's, which then answers for everything that is its own
     * @param remembered whether a tag's answer is good for as long as nothing of its repository changes in the view
     */
    Answers(
            ManifestView view,
            FreshOffers lookup,
            Authoriser authoriser,
            Fingerprints fingerprints,
            Catalog catalog,
            boolean delegated,
            boolean remembered) {
        this.view = view;
        this.lookup = lookup;
        this.authoriser = authoriser;
        this.upstream = new UpstreamRequests(delegated);
        this.fingerprints = fingerprints;
        this.catalog = catalog;
        this.delegated = delegated;
        this.remembered = remembered;
    }

    /**
     * What a look at what is remembered gives.
     *
     * @param answer absent when it has to be found by {@link #to}
     * @param recalled what that is to be given; absent when nothing was looked for
     */
    record Glance(@Nullable Answer answer, @Nullable Recalled recalled) {
        static final Glance NOTHING = new Glance(null, null);
    }

    /**
     * The answer to a GET or HEAD; never throws for what a client sends.
     *
     * @param recalled of the {@link Glance} before, so that nothing is looked for twice
     */
    Answer to(ClientRequest request, @Nullable Recalled recalled) {
        try {
            return dispatch(request, recalled);
        } catch (DamagedViewException e) {
            LOG.debug("A manifest was not sent because the view is damaged: {}", e.getMessage());
            return Answer.Failure.unavailable("the manifest cannot be read right now, please try again");
        }
    }

    /** The answer to a request of a tag, if it is known without waiting for anybody, a disk that keeps up left aside. */
    Glance atOnce(ClientRequest request) {
        if (!remembered || !view.ready() || !(request.path() instanceof RegistryPath.ByTag byTag)) {
            return Glance.NOTHING;
        }
        Reference reference = byTag.reference();
        String repository = reference.repository();
        boolean here = view.elsewhere(repository) == null
                && view.settings().inForce(repository).schemaConversion()
                && authoriser
                        .remembered(repository, request.credential())
                        .filter(Ruling::allowed)
                        .isPresent();
        if (!here) {
            return Glance.NOTHING;
        }
        Recalled recalled = view.answer(reference, request.headers().all("accept"));
        StoredManifest known = recalled.manifest();
        if (known == null) {
            return new Glance(null, recalled);
        }
        lookup.served(reference, () -> upstream.manifest(request, reference));
        return new Glance(conditional(request, known), null);
    }

    private Answer dispatch(ClientRequest request, @Nullable Recalled recalled) {
        RegistryPath path = request.path();
        if (path instanceof RegistryPath.ByTag byTag) {
            Shard elsewhere = view.elsewhere(byTag.reference().repository());
            return elsewhere != null ? misdirected(elsewhere) : byTag(request, byTag.reference(), recalled);
        }
        if (path instanceof RegistryPath.ByDigest byDigest) {
            Shard elsewhere = view.elsewhere(byDigest.repository());
            return elsewhere != null
                    ? misdirected(elsewhere)
                    : byDigest(request, byDigest.repository(), byDigest.digest());
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
        if (path instanceof RegistryPath.Referrers referrers) {
            ArtifactQuery artifacts = ArtifactQuery.parse(request.rawQuery());
            RegistryError error = artifacts.error();
            return error != null
                    ? new Answer.Failure(error)
                    : guarded(
                            request,
                            referrers.repository(),
                            new Answer.Relay(upstream.referrers(
                                    request, referrers.repository(), referrers.digest(), artifacts)));
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

    /** Says where to ask, for a proxy that does; it follows from the name alone, so it tells nobody what there is. */
    private static Answer misdirected(Shard owner) {
        RegistryError error = RegistryError.of(
                421, "UNSUPPORTED", "manifests of this repository are served by the nodes of shard " + owner);
        return new Answer.Rejected(error, HeaderLines.NONE.plus(SHARD, owner.toString()));
    }

    private Answer byTag(ClientRequest request, Reference reference, @Nullable Recalled recalled) {
        Answer.Relay relay = new Answer.Relay(upstream.manifest(request, reference));
        return own(request, reference.repository(), relay, () -> offered(request, reference, relay, recalled));
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

    /**
     * What Precast itself has for those who may read it; everything else is the upstream's. In delegated mode that is so also while
     * the upstream cannot be asked: words of our own would tell a stranger for which names there is something to ask.
     */
    private Answer own(ClientRequest request, String repository, Answer.Relay relay, Supplier<Answer> held) {
        return delegated
                ? converted(repository, relay, () -> mayRead(request, repository) ? held.get() : relay)
                : permitted(request, repository, relay, () -> converted(repository, relay, held));
    }

    private Answer converted(String repository, Answer.Relay relay, Supplier<Answer> held) {
        if (!view.ready()) {
            return Answer.Failure.unavailable("the view is still being filled, please try again");
        }
        return view.settings().inForce(repository).schemaConversion() ? held.get() : relay;
    }

    private boolean mayRead(ClientRequest request, String repository) {
        return authoriser.read(repository, request.credential()).allowed();
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

    private Answer offered(ClientRequest request, Reference reference, Answer.Relay relay, @Nullable Recalled before) {
        List<String> accept = request.headers().all("accept");
        if (!remembered) {
            return negotiated(request, reference, relay, accept, null);
        }
        Recalled recalled = before != null ? before : view.answer(reference, accept);
        StoredManifest known = recalled.manifest();
        if (known == null) {
            return negotiated(request, reference, relay, accept, recalled);
        }
        lookup.served(reference, relay::request);
        return conditional(request, known);
    }

    /** @param recalled takes the manifest that is found; absent when it is not to be kept */
    private Answer negotiated(
            ClientRequest request,
            Reference reference,
            Answer.Relay relay,
            List<String> accept,
            @Nullable Recalled recalled) {
        TagRequest asked = new TagRequest(reference, relay.request(), accept, rules(reference.repository()));
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            TagAnswer answer = lookup.find(asked);
            if (!(answer instanceof TagAnswer.Offers found)) {
                return withoutOffers(answer, relay);
            }
            TagOffers offers = found.offers();
            Decision decision =
                    Negotiation.decide(offers.rootMediaType(), offers.offers(), asked.accept(), asked.rules());
            if (decision instanceof Decision.Refuse refuse) {
                lookup.served(reference, relay::request);
                return new Answer.Failure(refuse.error());
            }
            if (decision instanceof Decision.PassThrough pass) {
                return pass.byWildcard() ? byName(relay, offers.rootMediaType()) : relay;
            }
            Digest digest = ((Decision.Serve) decision).digest();
            Optional<StoredManifest> manifest = recalled == null
                    ? view.manifest(reference.repository(), digest)
                    : view.manifest(reference.repository(), digest, recalled);
            if (manifest.isPresent()) {
                lookup.served(reference, relay::request);
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
    private static Answer byName(Answer.Relay relay, @Nullable String rootMediaType) {
        if (rootMediaType == null) {
            return relay;
        }
        HeaderLines headers = relay.request().headers().plus("accept", Objects.requireNonNull(rootMediaType));
        return new Answer.Relay(relay.request().with(headers));
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
