package dev.precast.ingest.registry;

import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.ingest.registry.Destinations.Way;
import dev.precast.ingest.registry.RequestWatch.Operation;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Descriptor;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.record.Blob;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLSocketFactory;

/**
 * Reads the one configured registry. Every address is built from its URL and parsed names; every body is capped while it is read
 * and verified against its digest. Thread-safe.
 */
public final class RegistryClient {
    private static final Set<String> MANIFEST_ABSENT = Set.of("MANIFEST_UNKNOWN", "NAME_UNKNOWN");
    private static final Set<String> BLOB_ABSENT = Set.of("BLOB_UNKNOWN", "NAME_UNKNOWN");
    private static final int MAX_HOPS = 3;

    private final String base;
    private final Exchange exchange;
    private final PinnedExchange pinned;
    private final Destinations destinations;
    private final Session session;
    private final Breaker breaker;

    /**
     * @param executor runs the HTTP client's own short steps
     * @param breaker is told how requests to the registry went; whoever reads asks it first, with {@link #pass}
     */
    public RegistryClient(
            IngestConfig.Registry config, Clock clock, Executor executor, Breaker breaker, RequestWatch watch) {
        this(config, clock, executor, breaker, watch, host -> List.of(InetAddress.getAllByName(host)));
    }

    /** @param names how hosts on the public internet are looked up */
    RegistryClient(
            IngestConfig.Registry config,
            Clock clock,
            Executor executor,
            Breaker breaker,
            RequestWatch watch,
            Destinations.Names names) {
        this.base = config.url() + "/v2/";
        this.breaker = breaker;
        this.exchange = new Exchange(config.timeout(), executor, watch);
        this.pinned = new PinnedExchange((SSLSocketFactory) SSLSocketFactory.getDefault(), watch);
        this.destinations = new Destinations(config.url(), config.realms(), config.redirectHosts(), names);
        Authorizer authorizer =
                new Authorizer(exchange, destinations, config.username(), config.password(), clock, breaker);
        this.session = new Session(exchange, authorizer, breaker, clock);
    }

    /**
     * Waits while the registry is left alone. It works again once it answers at all: some refuse {@code /v2/} and let everybody read
     * what is public.
     */
    public void pass() throws InterruptedException {
        breaker.pass(() -> ping() instanceof Answer.Transient<Boolean> down
                        && !down.cause().isAnAnswer()
                ? Optional.of(down.retryAfter().orElse(Duration.ZERO))
                : Optional.empty());
    }

    public RegistryLists lists() {
        return new RegistryLists(base, session);
    }

    /**
     * What the tag points to now, by HEAD: a claim, not verified. Found but empty when the registry does not say; absent when it
     * answers 404, which without a body is the word of anybody on the way.
     */
    public Answer<Optional<Digest>> check(Reference reference) {
        try {
            URI address = URI.create(base + reference.repository() + "/manifests/" + reference.tag());
            Reply response = session.send(
                    Operation.CHECK, address, MediaTypes.MANIFESTS, Session.pullScope(reference.repository()), 0);
            if (response.statusCode() == 404) {
                return new Answer.Absent<>("");
            }
            return response.statusCode() == 200
                    ? new Answer.Found<>(claimedDigest(response))
                    : session.unexpected(response, Set.of());
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
    }

    /** Whether the registry answers {@code /v2/} with 200, with our credentials if it wants them. */
    public Answer<Boolean> ping() {
        try {
            Reply response = session.send(Operation.PING, URI.create(base), Session.ANY, "", Limits.MAX_MANIFEST_BYTES);
            return response.statusCode() == 200 ? new Answer.Found<>(true) : session.unexpected(response, Set.of());
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
    }

    /**
     * What the tag points to. The media type is what the registry says; it need not be one of ours. The digest is verified against
     * the one that the registry says, where it says one.
     */
    public Answer<Blob> manifest(Reference reference) {
        return manifest(reference.repository(), reference.tag(), Optional.empty());
    }

    /** A manifest of the repository by its digest, verified. */
    public Answer<Blob> manifest(String repository, Digest digest) {
        return manifest(repository, digest.toString(), Optional.of(digest));
    }

    private Answer<Blob> manifest(String repository, String reference, Optional<Digest> expected) {
        URI address = URI.create(base + repository + "/manifests/" + reference);
        Reply response;
        try {
            response = session.send(
                    Operation.MANIFEST,
                    address,
                    MediaTypes.MANIFESTS,
                    Session.pullScope(repository),
                    Limits.MAX_MANIFEST_BYTES);
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
        if (response.statusCode() != 200) {
            return session.unexpected(response, MANIFEST_ABSENT);
        }
        Optional<Digest> claimed = expected.or(() -> claimedDigest(response));
        String mediaType = response.headers()
                .firstValue("Content-Type")
                .map(MediaTypes::withoutParameters)
                .orElse("");
        if (claimedDigest(response).isEmpty() && !isManifest(mediaType)) {
            return Answer.failed(
                    Cause.UNEXPECTED_ANSWER,
                    "200 with neither a digest nor a manifest's type, found \"" + mediaType
                            + "\": is this the registry?");
        }
        return content(response, claimed, mediaType, "manifest", Limits.MAX_MANIFEST_BYTES);
    }

    /** Or may be: what a proxy or a portal says instead is a page. */
    private static boolean isManifest(String mediaType) {
        return MediaTypes.MANIFESTS.contains(mediaType) || mediaType.endsWith("/json") || mediaType.endsWith("+json");
    }

    /** A config blob, verified against digest and size. Redirects are followed as far as {@link Destinations} allows. */
    public Answer<Blob> config(String repository, Descriptor descriptor) {
        if (descriptor.size() > Limits.MAX_CONFIG_BYTES) {
            return unusable(
                    RefusalReason.TOO_LARGE,
                    "The config has " + descriptor.size() + " bytes, at most " + Limits.MAX_CONFIG_BYTES + " are read.",
                    Optional.of(descriptor.digest()));
        }
        try {
            Reply response = followed(
                    URI.create(base + repository + "/blobs/" + descriptor.digest()), Session.pullScope(repository));
            if (response.statusCode() != 200) {
                return session.unexpected(response, BLOB_ABSENT);
            }
            return content(
                    response,
                    Optional.of(descriptor.digest()),
                    descriptor.mediaType(),
                    "config",
                    Limits.MAX_CONFIG_BYTES);
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
    }

    /** Whether the repository holds the blob. A redirect says yes: registries send one only for what they hold. */
    public Answer<Boolean> holdsBlob(String repository, Digest digest) {
        try {
            URI address = URI.create(base + repository + "/blobs/" + digest);
            Reply response = session.send(Operation.BLOB_CHECK, address, Session.ANY, Session.pullScope(repository), 0);
            int status = response.statusCode();
            if (status == 200 || Session.isRedirect(status)) {
                return new Answer.Found<>(true);
            }
            return status == 404 ? new Answer.Found<>(false) : session.unexpected(response, Set.of());
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
    }

    private Reply followed(URI start, String scope) throws Exchange.FailedException {
        Deadline deadline = exchange.deadline();
        Reply response = session.send(Operation.BLOB, start, Session.ANY, scope, Limits.MAX_CONFIG_BYTES, deadline);
        URI at = start;
        for (int hop = 0; Session.isRedirect(response.statusCode()); hop++) {
            String location = response.headers().firstValue("Location").orElse("");
            at = resolve(at, location);
            Way way = hop == MAX_HOPS ? new Way.Closed() : destinations.redirect(at);
            if (way instanceof Way.Registry) {
                response = session.send(Operation.BLOB, at, Session.ANY, scope, Limits.MAX_CONFIG_BYTES, deadline);
            } else if (way instanceof Way.Listed) {
                response = exchange.send(
                        Operation.BLOB, at, Session.ANY, Optional.empty(), Limits.MAX_CONFIG_BYTES, deadline);
            } else if (way instanceof Way.Public place) {
                response = pinned.get(at, place.addresses(), Limits.MAX_CONFIG_BYTES, deadline);
            } else {
                throw new Exchange.FailedException(
                        Cause.REDIRECTED,
                        "The registry redirects a blob to " + at.getScheme() + "://" + at.getHost()
                                + ", which is not followed. If it is yours, add the host to registry.redirect.hosts.");
            }
        }
        return response;
    }

    private static URI resolve(URI at, String location) throws Exchange.FailedException {
        try {
            return at.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new Exchange.FailedException(Cause.REDIRECTED, "The registry redirects to what is no URL.");
        }
    }

    private Answer<Blob> content(Reply response, Optional<Digest> claimed, String mediaType, String what, int cap) {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            return Answer.failed(
                    Cause.CONTENT_ENCODING,
                    "The registry sent the " + what + " with Content-Encoding, expected identity.");
        }
        if (!response.body().complete()) {
            return unusable(
                    RefusalReason.TOO_LARGE,
                    "The " + what + " has more than the " + cap + " bytes that are read.",
                    claimed);
        }
        byte[] bytes = response.body().bytes();
        Digest actual = claimed.orElseGet(() -> ContentDigest.of(mediaType, bytes));
        if (!ContentDigest.matches(actual, mediaType, bytes)) {
            return unusable(
                    RefusalReason.DIGEST_MISMATCH,
                    "The " + what + "'s bytes do not have the digest " + actual + ".",
                    Optional.of(actual));
        }
        try {
            StrictJson.requireUtf8(bytes, what);
        } catch (RefusedException e) {
            return new Answer.Unusable<>(e.refusal(), Optional.of(actual));
        }
        return new Answer.Found<>(new Blob(actual, mediaType, new String(bytes, StandardCharsets.UTF_8)));
    }

    private static Optional<Digest> claimedDigest(Reply response) {
        return response.headers().firstValue("Docker-Content-Digest").flatMap(Digest::tryParse);
    }

    private static <T> Answer<T> unusable(RefusalReason reason, String message, Optional<Digest> digest) {
        return new Answer.Unusable<>(new Refusal(reason, message), digest);
    }
}
