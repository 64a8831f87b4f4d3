package dev.precast.ingest.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.ingest.registry.RequestWatch.Operation;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The registry's lists: of repositories, and of the tags of one (distribution-spec v1.1 "Listing Tags", distribution
 * {@code docs/spec/api.md} "Catalog"). A list is a hint as well: registries drop, repeat and truncate (distribution#4898, #4904),
 * so what is not on it may exist all the same. Thread-safe.
 */
public final class RegistryLists {
    /** Names asked for per page; Distribution 3 gives at most 1000. */
    private static final int PAGE = 1000;
    /** Bytes of one page: registries that ignore the page size send everything. */
    private static final int MAX_PAGE_BYTES = 32 << 20;
    /** Names of one list; a registry that pages for ever is left there. */
    private static final int MAX_NAMES = 2_000_000;
    /** Pages in a row without a new name, after which a list counts as ended. */
    private static final int MAX_STALE_PAGES = 3;

    private static final Set<String> UNKNOWN = Set.of("NAME_UNKNOWN", "MANIFEST_UNKNOWN");
    private static final Set<String> NO_CATALOG =
            Set.of("UNSUPPORTED", "NOT_FOUND", "NAME_UNKNOWN", "UNAUTHORIZED", "DENIED");
    private static final Pattern NEXT = Pattern.compile("<([^>]*)>\\s*;(?:[^,]*;)?\\s*rel=\"?next\"?");

    /** Paces requests for pages and repeats them, as patiently as the caller is. */
    public interface Patience {
        /** Returns when it is time for a request. */
        default void turn() throws InterruptedException {}

        /** Whether to ask again after this failure; returns when it is time. */
        boolean again(Answer.Transient<?> failure, int attempt) throws InterruptedException;
    }

    private final String base;
    private final Session session;

    RegistryLists(String base, Session session) {
        this.base = base;
        this.session = session;
    }

    /**
     * Repositories; absent when the registry says itself that it has no catalog, or not for us: somebody on the way who says so does
     * not count, or a sweep would miss what is new and not know it. In the order of the pages, each once.
     */
    public Answer<Set<String>> catalog(Patience patience) throws InterruptedException {
        return walk(
                URI.create(base + "_catalog?n=" + PAGE),
                "repositories",
                Reference::isRepository,
                "registry:catalog:*",
                RegistryLists::isNoCatalog,
                patience);
    }

    private static boolean isNoCatalog(Reply response) {
        int status = response.statusCode();
        boolean says = status >= 400 && status < 500 && NO_CATALOG.contains(Session.errorCode(response));
        return status == 404 || status == 405 || says;
    }

    private static boolean isUnknown(Reply response) {
        return response.statusCode() == 404 && UNKNOWN.contains(Session.errorCode(response));
    }

    /** Tags of the repository; absent when the registry does not know it. In the order of the pages, each once. */
    public Answer<Set<String>> tags(String repository, Patience patience) throws InterruptedException {
        return walk(
                URI.create(base + repository + "/tags/list?n=" + PAGE),
                "tags",
                Reference::isTag,
                Session.pullScope(repository),
                RegistryLists::isUnknown,
                patience);
    }

    private Answer<Set<String>> walk(
            URI first, String member, Predicate<String> valid, String scope, Predicate<Reply> absent, Patience patience)
            throws InterruptedException {
        Set<String> names = new LinkedHashSet<>();
        Optional<URI> next = Optional.of(first);
        int stale = 0;
        while (next.isPresent() && names.size() < MAX_NAMES && stale < MAX_STALE_PAGES) {
            URI at = next.get();
            patience.turn();
            Answer<NamePage> answer = page(at, member, valid, scope, absent);
            for (int attempt = 1;
                    answer instanceof Answer.Transient<NamePage> failure && patience.again(failure, attempt);
                    attempt++) {
                patience.turn();
                answer = page(at, member, valid, scope, absent);
            }
            if (answer instanceof Answer.Found<NamePage> found) {
                stale = names.addAll(found.value().names()) ? 0 : stale + 1;
                next = found.value().next();
            } else if (answer instanceof Answer.Transient<NamePage> failure) {
                return new Answer.Transient<>(failure.cause(), failure.message(), failure.retryAfter());
            } else if (names.isEmpty()) {
                return new Answer.Absent<>("UNKNOWN");
            } else {
                return Answer.failed(Cause.UNEXPECTED_ANSWER, "The registry has a page of the list, and not the next.");
            }
        }
        return new Answer.Found<>(names);
    }

    private Answer<NamePage> page(
            URI address, String member, Predicate<String> valid, String scope, Predicate<Reply> absent) {
        try {
            Reply response = session.send(Operation.LIST, address, Session.ANY, scope, MAX_PAGE_BYTES);
            if (response.statusCode() != 200) {
                return absent.test(response)
                        ? new Answer.Absent<>(Session.errorCode(response))
                        : session.unexpected(response, Set.of());
            }
            if (!response.body().complete()) {
                return Answer.failed(Cause.UNEXPECTED_ANSWER, "A page of the list is larger than is read.");
            }
            JsonNode found = StrictJson.read(response.body().bytes(), "list", RefusalReason.MALFORMED_MANIFEST)
                    .path(member);
            if (!found.isArray() && !found.isNull()) { // Distribution says null where there is nothing.
                return Answer.failed(Cause.GARBLED, "The list has no \"" + member + "\".");
            }
            List<String> names = new ArrayList<>();
            found.forEach(name -> {
                if (name.isTextual() && valid.test(name.textValue())) {
                    names.add(name.textValue());
                }
            });
            return new Answer.Found<>(new NamePage(names, next(response, address)));
        } catch (RefusedException e) {
            return Answer.failed(Cause.GARBLED, "The list cannot be read: " + e.getMessage());
        } catch (Exchange.FailedException e) {
            return e.answer();
        }
    }

    /**
     * From the Link header (RFC 8288), and only another page of the same list, at the registry as we know it: behind a proxy it may
     * call itself something else, so of its link only the query counts.
     */
    private Optional<URI> next(Reply response, URI address) {
        String list =
                address.getRawPath().substring(URI.create(base).getRawPath().length());
        for (String header : response.headers().allValues("Link")) {
            Matcher matcher = NEXT.matcher(header);
            if (matcher.find()) {
                try {
                    URI link = address.resolve(matcher.group(1));
                    String path = link.getRawPath() == null ? "" : link.getRawPath();
                    if (!path.endsWith("/v2/" + list) || link.getRawQuery() == null) {
                        return Optional.empty();
                    }
                    URI next = URI.create(base + list + "?" + link.getRawQuery());
                    return next.equals(address) ? Optional.empty() : Optional.of(next);
                } catch (IllegalArgumentException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }
}
