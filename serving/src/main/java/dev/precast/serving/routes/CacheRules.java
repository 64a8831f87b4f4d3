package dev.precast.serving.routes;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;

/**
 * What caches between Precast and a client are told. Whoever shows a credential gets what others may not be allowed to read, so
 * that no cache may hand it on; how long the client's own may keep it is the upstream's affair. Stateless.
 */
final class CacheRules {
    private static final String CALLER = "Authorization";
    private static final String FORMAT_AND_CALLER = "Accept, Authorization";
    private static final String PRIVATE = "private";

    private static final HttpField VARY_BY_CALLER = new PreEncodedHttpField(HttpHeader.VARY, CALLER);
    private static final HttpField VARY_BY_BOTH = new PreEncodedHttpField(HttpHeader.VARY, FORMAT_AND_CALLER);
    /** For whoever showed a credential, where the upstream says nothing. */
    static final HttpField FOR_THE_CALLER = new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, PRIVATE);

    /** What a cache of one client's own reads, and what only makes it keep less (RFC 9111, 5.2.2; RFC 8246). */
    private static final Pattern OF_THE_UPSTREAM =
            Pattern.compile("max-age=[0-9]+|immutable|no-store|no-cache|must-revalidate|no-transform");

    private CacheRules() {}

    /** What an answer depends on, beside its path. */
    static HttpField vary(RegistryPath path) {
        return path instanceof RegistryPath.ByTag || path instanceof RegistryPath.ByDigest
                ? VARY_BY_BOTH
                : VARY_BY_CALLER;
    }

    /** Whether the answer is for whoever asked only. */
    static boolean personal(ClientRequest request) {
        return !request.headers().all("authorization").isEmpty();
    }

    /**
     * How long an answer of the upstream's may be kept, and by whom; empty when there is nothing to say.
     *
     * @param upstream its lines of Cache-Control
     */
    static Optional<String> control(ClientRequest request, List<String> upstream) {
        String said = String.join(", ", upstream);
        if (!personal(request)) {
            return upstream.isEmpty() ? Optional.empty() : Optional.of(said);
        }
        List<String> kept = new ArrayList<>(List.of(PRIVATE));
        for (String directive : said.split(",", -1)) {
            String word = directive.strip().toLowerCase(Locale.ROOT);
            String whole = word.startsWith("no-cache=") ? "no-cache" : word; // Of some headers only: rather of all.
            if (OF_THE_UPSTREAM.matcher(whole).matches() && !kept.contains(whole)) {
                kept.add(whole);
            }
        }
        return Optional.of(String.join(", ", kept));
    }
}
