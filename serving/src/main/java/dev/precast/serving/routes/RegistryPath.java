package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import java.util.Optional;

/**
 * What a request path asks for. Read from the path as it came over the wire, by the grammar of the distribution-spec and nothing
 * else: no percent-encoding but that of the colon in a digest, no dot segments, no empty segments, no path parameters. Taken apart
 * from the right, because a repository may be called {@code manifests} or {@code blobs/x}.
 */
sealed interface RegistryPath {
    /** {@code /v2/}. */
    record Ping() implements RegistryPath {}

    /** {@code /v2/_catalog}. */
    record Catalog() implements RegistryPath {}

    /** {@code /v2/<name>/tags/list}. */
    record Tags(String repository) implements RegistryPath {}

    /** {@code /v2/<name>/manifests/<tag>}. */
    record ByTag(Reference reference) implements RegistryPath {}

    /** {@code /v2/<name>/manifests/<digest>}. */
    record ByDigest(String repository, Digest digest) implements RegistryPath {}

    /** {@code /v2/<name>/blobs/<digest>}. */
    record BlobPath(String repository, Digest digest) implements RegistryPath {}

    /** {@code /v2/<name>/referrers/<digest>}. */
    record Referrers(String repository, Digest digest) implements RegistryPath {}

    /** Anything else, and the answer to it. */
    record Invalid(RegistryError error) implements RegistryPath {}

    String PREFIX = "/v2/";

    /** The kind of path, for metrics and logs. */
    default String route() {
        if (this instanceof ByTag) {
            return "manifest-by-tag";
        }
        if (this instanceof ByDigest) {
            return "manifest-by-digest";
        }
        if (this instanceof BlobPath) {
            return "blob";
        }
        if (this instanceof Tags) {
            return "tags";
        }
        if (this instanceof Referrers) {
            return "referrers";
        }
        if (this instanceof Catalog) {
            return "catalog";
        }
        return this instanceof Ping ? "ping" : "invalid";
    }

    /** The repository, {@code -} where there is none. */
    default String named() {
        if (this instanceof ByTag byTag) {
            return byTag.reference().repository();
        }
        if (this instanceof ByDigest byDigest) {
            return byDigest.repository();
        }
        if (this instanceof BlobPath blob) {
            return blob.repository();
        }
        if (this instanceof Referrers referrers) {
            return referrers.repository();
        }
        return this instanceof Tags tags ? tags.repository() : "-";
    }

    /** @param rawPath without the query, undecoded */
    static RegistryPath parse(String rawPath) {
        if (rawPath.equals("/v2") || rawPath.equals(PREFIX)) {
            return new Ping();
        }
        if (!rawPath.startsWith(PREFIX)) {
            return new Invalid(RegistryError.of(404, "UNSUPPORTED", "no such path; the registry is below /v2/"));
        }
        String rest = rawPath.substring(PREFIX.length());
        if (rest.equals("_catalog")) {
            return new Catalog();
        }
        if (rest.endsWith("/tags/list")) {
            return tags(rest.substring(0, rest.length() - "/tags/list".length()));
        }
        int slash = rest.lastIndexOf('/');
        String before = slash < 0 ? "" : rest.substring(0, slash);
        String last = rest.substring(slash + 1);
        if (before.endsWith("/manifests")) {
            return manifest(before.substring(0, before.length() - "/manifests".length()), last);
        }
        if (before.endsWith("/blobs") && !last.isEmpty()) {
            return blob(before.substring(0, before.length() - "/blobs".length()), last);
        }
        if (before.endsWith("/referrers") && !last.isEmpty()) {
            return referrers(before.substring(0, before.length() - "/referrers".length()), last);
        }
        return new Invalid(RegistryError.of(404, "UNSUPPORTED", "The operation is unsupported."));
    }

    private static RegistryPath tags(String repository) {
        return Reference.isRepository(repository) ? new Tags(repository) : badName();
    }

    private static RegistryPath manifest(String repository, String reference) {
        if (!Reference.isRepository(repository)) {
            return badName();
        }
        String text = withColon(reference);
        if (text.indexOf(':') >= 0) {
            Optional<Digest> digest = Digest.tryParse(text);
            return digest.isPresent() ? new ByDigest(repository, digest.get()) : badDigest();
        }
        return Reference.isTag(text)
                ? new ByTag(new Reference(repository, text))
                : new Invalid(RegistryError.of(404, "MANIFEST_UNKNOWN", "manifest unknown"));
    }

    private static RegistryPath blob(String repository, String digestText) {
        if (!Reference.isRepository(repository)) {
            return badName();
        }
        Optional<Digest> digest = Digest.tryParse(withColon(digestText));
        return digest.isPresent() ? new BlobPath(repository, digest.get()) : badDigest();
    }

    private static RegistryPath referrers(String repository, String digestText) {
        if (!Reference.isRepository(repository)) {
            return badName();
        }
        Optional<Digest> digest = Digest.tryParse(withColon(digestText));
        return digest.isPresent() ? new Referrers(repository, digest.get()) : badDigest();
    }

    private static String withColon(String text) {
        return text.indexOf('%') < 0 ? text : text.replace("%3A", ":").replace("%3a", ":");
    }

    private static Invalid badName() {
        return new Invalid(RegistryError.of(400, "NAME_INVALID", "invalid repository name"));
    }

    private static Invalid badDigest() {
        return new Invalid(RegistryError.of(
                400, "DIGEST_INVALID", "provided digest is no sha256: or sha512: and its lower-case hex"));
    }
}
