package dev.precast.launcher.layout;

import dev.precast.schemas.image.Reference;
import java.util.Optional;

/**
 * A request path of the registry API, taken apart. Parsed from the right: a repository may be called {@code manifests}. Pure.
 *
 * @param kind {@code manifests}, {@code blobs} or {@code tags}
 * @param repository a valid repository name
 * @param reference tag, digest or {@code list}; not checked
 */
record RegistryPath(String kind, String repository, String reference) {
    private static final String PREFIX = "/v2/";

    /** @param path as sent, not decoded: names and references need no escapes, except {@code %3A} in digests */
    static Optional<RegistryPath> parse(String path) {
        String plain = path.replace("%3A", ":").replace("%3a", ":");
        if (!plain.startsWith(PREFIX) || plain.indexOf('%') >= 0) {
            return Optional.empty();
        }
        int last = plain.lastIndexOf('/');
        int kindAt = plain.lastIndexOf('/', last - 1);
        if (kindAt < PREFIX.length()) {
            return Optional.empty();
        }
        String kind = plain.substring(kindAt + 1, last);
        String repository = plain.substring(PREFIX.length(), kindAt);
        String reference = plain.substring(last + 1);
        boolean known =
                kind.equals("manifests") || kind.equals("blobs") || (kind.equals("tags") && reference.equals("list"));
        return known && Reference.isRepository(repository)
                ? Optional.of(new RegistryPath(kind, repository, reference))
                : Optional.empty();
    }
}
