package dev.precast.serving.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.StrictJson;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The names of all the upstream's repositories, read page by page and kept for a moment. Whoever asks gets the same, so what is
 * private has to be taken out for each caller. Thread-safe; one reading at a time.
 */
public final class UpstreamCatalog {
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final int MAX_NAMES = 100_000;
    private static final int MAX_PAGES = 1_000;
    private static final int MAX_PAGE_BYTES = 1 << 20;
    private static final String LARGE_PAGES = "n=1000";

    private record Page(List<String> names, boolean more) {}

    private final Upstream upstream;
    private final LongSupplier nanoTime;
    private @Nullable List<String> names;
    private long readAt;

    /** @param nanoTime a clock that only goes forward */
    public UpstreamCatalog(Upstream upstream, LongSupplier nanoTime) {
        this.upstream = upstream;
        this.nanoTime = nanoTime;
    }

    /** Sorted by characters; at most 30 seconds old. */
    public synchronized List<String> names() throws IOException {
        List<String> kept = names;
        if (kept == null || nanoTime.getAsLong() - readAt >= KEPT.toNanos()) {
            kept = read();
            names = kept;
            readAt = nanoTime.getAsLong();
        }
        return kept;
    }

    private List<String> read() throws IOException {
        NavigableSet<String> all = new TreeSet<>();
        String last = "";
        for (int page = 0; page < MAX_PAGES; page++) {
            Page read = page(last);
            boolean news = all.addAll(read.names());
            if (!read.more() || !news) {
                return List.copyOf(all);
            }
            if (all.size() > MAX_NAMES) {
                break;
            }
            last = read.names().get(read.names().size() - 1);
        }
        throw broken("more than " + MAX_NAMES + " repositories or " + MAX_PAGES + " pages", null);
    }

    /** Registries may refuse large pages (Distribution 3 by {@code catalog.maxentries}), and are then asked for their own size. */
    private Page page(String last) throws IOException {
        String from = last.isEmpty() ? "" : "&last=" + last;
        try (UpstreamResponse large = ask("?" + LARGE_PAGES + from)) {
            if (large.status() != 400) {
                return parse(large);
            }
        }
        try (UpstreamResponse small = ask(last.isEmpty() ? "" : "?last=" + last)) {
            return parse(small);
        }
    }

    private UpstreamResponse ask(String query) throws UpstreamException {
        HeaderLines headers = HeaderLines.NONE.plus("accept", "application/json");
        return upstream.send(new UpstreamRequest(false, "/v2/_catalog" + query, headers));
    }

    private static Page parse(UpstreamResponse response) throws IOException {
        if (response.status() != 200) {
            throw broken("status " + response.status(), null);
        }
        byte[] body = response.body().readAll(MAX_PAGE_BYTES);
        try {
            JsonNode page = StrictJson.read(body, "catalog", RefusalReason.MALFORMED_MANIFEST);
            List<String> names = new java.util.ArrayList<>();
            page.path("repositories").forEach(name -> names.add(name.asText()));
            names.removeIf(name -> !Reference.isRepository(name));
            return new Page(names, response.headers().first("link").isPresent());
        } catch (RefusedException e) {
            throw broken("no acceptable JSON", e);
        }
    }

    private static UpstreamException broken(String found, @Nullable Exception cause) {
        return new UpstreamException(
                "broken",
                "Cannot read the upstream's catalog: found " + found + ", expected a list of repositories.",
                new IOException("catalog", cause));
    }
}
