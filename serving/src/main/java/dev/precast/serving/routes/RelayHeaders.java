package dev.precast.serving.routes;

import dev.precast.serving.upstream.HeaderLines;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Which of the upstream's headers a client gets: those that the protocol needs. Cookies and all else stay behind. */
final class RelayHeaders {
    private static final List<String> KEPT = List.of(
            "content-type",
            "content-length",
            "content-range",
            "accept-ranges",
            "docker-content-digest",
            "etag",
            "last-modified",
            "cache-control",
            "www-authenticate",
            "retry-after",
            "oci-subject",
            "oci-filters-applied");

    private RelayHeaders() {}

    /** The headers of an answer that is handed on whole. */
    static HeaderLines of(HeaderLines upstream) {
        HeaderLines kept = ofBody(upstream);
        Optional<String> link = upstream.first("link").flatMap(RelayHeaders::ownLink);
        return link.isPresent() ? kept.plus("link", link.get()) : kept;
    }

    /** The headers of a blob, or of an error about one. */
    static HeaderLines ofBody(HeaderLines upstream) {
        return upstream.only(KEPT);
    }

    /** Takes back what was copied of the upstream's: something else is sent. What is our own stays. */
    static void takeBack(Consumer<String> remover) {
        KEPT.forEach(remover);
        remover.accept("link");
    }

    /** The headers of an error whose body is replaced by one of ours. */
    static HeaderLines ofReplacedError(HeaderLines upstream) {
        return upstream.only(List.of("www-authenticate", "retry-after"));
    }

    /** Whether an error is in the registry's own words: in any other form it was written by some proxy on the way. */
    static boolean isJson(HeaderLines upstream) {
        return upstream.first("content-type").orElse("").contains("json");
    }

    /** The next page of a list, on this server instead of the upstream. */
    private static Optional<String> ownLink(String link) {
        int start = link.indexOf('<');
        int end = link.indexOf('>');
        if (start < 0 || end < start) {
            return Optional.empty();
        }
        try {
            URI target = URI.create(link.substring(start + 1, end));
            String path = target.getRawPath();
            int at = path == null ? -1 : path.indexOf(RegistryPath.PREFIX);
            if (path == null || at < 0) {
                return Optional.empty();
            }
            String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
            return Optional.of("<" + path.substring(at) + query + ">" + link.substring(end + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
