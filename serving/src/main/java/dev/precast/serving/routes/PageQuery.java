package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Reference;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The {@code n} and {@code last} of a list, read and built anew; everything else in a query is dropped.
 *
 * @param query from the question mark on, or empty
 * @param n entries of a page, or none at all; the largest there is when the client says nothing
 * @param last the entry after which the page starts; empty for the first
 * @param error why the query cannot be used; absent when it can
 */
record PageQuery(String query, int n, String last, @Nullable RegistryError error) {
    /** Larger pages are cut to it: CVE-2023-2253. */
    private static final int MAX_PAGE = 1000;

    /** @param rawQuery without the question mark, undecoded; absent when there is none */
    static PageQuery parse(@Nullable String rawQuery) {
        String n = "";
        String last = "";
        for (String part : rawQuery == null ? new String[0] : rawQuery.split("&", -1)) {
            if (part.startsWith("n=")) {
                n = part.substring(2);
            } else if (part.startsWith("last=")) {
                last = decoded(part.substring(5));
            }
        }
        if (!n.matches("[0-9]{0,18}")) {
            return invalid("PAGINATION_NUMBER_INVALID", "invalid number of results requested");
        }
        if (!last.isEmpty() && !Reference.isRepository(last) && !Reference.isTag(last)) {
            return invalid("NAME_INVALID", "last is neither a repository name nor a tag");
        }
        StringBuilder query = new StringBuilder();
        if (!n.isEmpty()) {
            query.append("?n=").append(Math.min(MAX_PAGE, Long.parseLong(n)));
        }
        if (!last.isEmpty()) {
            // Both grammars consist of characters that stand for themselves in a query.
            query.append(query.isEmpty() ? "?" : "&").append("last=").append(last);
        }
        int entries = n.isEmpty() ? MAX_PAGE : (int) Math.min(MAX_PAGE, Long.parseLong(n));
        return new PageQuery(query.toString(), entries, last, null);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "%";
        }
    }

    private static PageQuery invalid(String code, String message) {
        return new PageQuery("", 0, "", RegistryError.of(400, code, message));
    }
}
