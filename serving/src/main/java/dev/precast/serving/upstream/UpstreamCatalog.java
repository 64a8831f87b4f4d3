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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The names of all the upstream's repositories, read page by page and kept for a moment. Whoever asks gets the same, so what is
 * private has to be taken out for each caller. Thread-safe; one reading at a time.
 */
public final class UpstreamCatalog {
    private static final Duration KEPT = Duration.ofSeconds(30);
    private static final Duration FAILED_FOR = Duration.ofSeconds(1);
    /** For all pages: others wait for them. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int MAX_NAMES = 100_000;
    private static final int MAX_PAGES = 1_000;
    private static final int MAX_PAGE_BYTES = 1 << 20;
    private static final String LARGE_PAGES = "n=1000";

    private record Page(List<String> names, boolean more) {}

    private final Upstream upstream;
    private final LongSupplier nanoTime;
    /** The last reading that ended, with the names or the failure; guarded by this. */
    private @Nullable CompletableFuture<List<String>> last;

    private long lastAt;
    /** The one that is under way; guarded by this. */
    private @Nullable CompletableFuture<List<String>> reading;

    /** @param nanoTime a clock that only goes forward */
    public UpstreamCatalog(Upstream upstream, LongSupplier nanoTime) {
        this.upstream = upstream;
        this.nanoTime = nanoTime;
    }

    /**
     * Sorted by characters; at most 30 seconds old. Of all who ask at the same time one reads, and a failure is everybody's for a
     * second.
     */
    public List<String> names() throws IOException {
        CompletableFuture<List<String>> mine = new CompletableFuture<>();
        CompletableFuture<List<String>> theirs = begin(mine);
        if (theirs != null) {
            return joined(theirs);
        }
        try {
            mine.complete(read());
        } catch (IOException e) {
            mine.completeExceptionally(e);
        } finally {
            mine.completeExceptionally(new IOException("The catalog was not read.")); // Unless it is complete.
            end(mine);
        }
        return joined(mine);
    }

    /** What there is, or is on its way; absent when {@code mine} is to be completed. */
    private synchronized @Nullable CompletableFuture<List<String>> begin(CompletableFuture<List<String>> mine) {
        CompletableFuture<List<String>> ended = last;
        if (ended != null) {
            Duration holds = ended.isCompletedExceptionally() ? FAILED_FOR : KEPT;
            if (nanoTime.getAsLong() - lastAt < holds.toNanos()) {
                return ended;
            }
        }
        CompletableFuture<List<String>> underWay = reading;
        if (underWay == null) {
            reading = mine;
        }
        return underWay;
    }

    private synchronized void end(CompletableFuture<List<String>> mine) {
        reading = null;
        last = mine;
        lastAt = nanoTime.getAsLong();
    }

    private static List<String> joined(CompletableFuture<List<String>> answer) throws IOException {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException known) {
                throw known;
            }
            throw e;
        }
    }

    private List<String> read() throws IOException {
        NavigableSet<String> all = new TreeSet<>();
        String from = "";
        long start = nanoTime.getAsLong();
        for (int page = 0; page < MAX_PAGES; page++) {
            Page read = page(from);
            boolean news = all.addAll(read.names());
            if (!read.more() || !news) {
                return List.copyOf(all);
            }
            if (all.size() > MAX_NAMES) {
                break;
            }
            if (nanoTime.getAsLong() - start > LONGEST.toNanos()) {
                throw broken("no end within " + LONGEST.toSeconds() + " s", null);
            }
            from = read.names().get(read.names().size() - 1);
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
        return upstream.send(
                new UpstreamRequest(false, "/v2/_catalog" + query, headers, UpstreamRequest.Purpose.CATALOG));
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
