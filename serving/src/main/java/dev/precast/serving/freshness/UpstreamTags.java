package dev.precast.serving.freshness;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.serving.auth.RecentlyUsed;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.upstream.UpstreamRequest.Purpose;
import dev.precast.serving.upstream.UpstreamResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the upstream has under a tag now, by a HEAD with the caller's credentials that names every type. What it says of the tag is
 * kept for a second and the same for all who may read the repository; what it says of a caller is not kept. Of several who ask
 * the same with the same credentials at once, one goes. Thread-safe.
 */
final class UpstreamTags {
    /** How old an answer may be: within it a tag that moved is not noticed. */
    static final Duration HOLDS = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** With a type of its own for the root, as the answer to one who reads all of them has. */
    private static final int DRAINED = 64 << 10;

    /** What became of the question. */
    enum Presence {
        THERE,
        GONE,
        /** The upstream cannot be asked, or not by this caller. */
        UNKNOWN
    }

    /**
     * @param digest of the stored manifest; absent when the upstream did not say
     * @param mediaType of the stored manifest; absent when the upstream did not say
     * @param at when it was asked, on our clock
     */
    record Seen(
            Presence presence,
            @Nullable Digest digest,
            @Nullable String mediaType,
            long at) {}

    private record Question(Reference reference, Optional<String> authorization) {
        @Override
        public String toString() {
            return "Question[" + reference + "]";
        }
    }

    private final Upstream upstream;
    private final Duration patience;
    private final LongSupplier nanoTime;
    private final ServingMetrics metrics;
    private final RecentlyUsed<Reference, Seen> known = new RecentlyUsed<>(RecentlyUsed.DEFAULT_ENTRIES);
    private final ConcurrentMap<Question, CompletableFuture<Seen>> asking = new ConcurrentHashMap<>();

    /** @param timeout of one question, if it is less than five seconds */
    UpstreamTags(Upstream upstream, Duration timeout, LongSupplier nanoTime, ServingMetrics metrics) {
        this.upstream = upstream;
        this.patience = timeout.compareTo(PATIENCE) < 0 ? timeout : PATIENCE;
        this.nanoTime = nanoTime;
        this.metrics = metrics;
    }

    /** What was seen within the last second, or is seen now. */
    Seen look(TagRequest request) {
        @Nullable Seen last = known.get(request.reference());
        return last != null && nanoTime.getAsLong() - last.at() < HOLDS.toNanos() ? last : lookAgain(request);
    }

    /** What is seen by a question that was begun after this call, or shares one that is under way. */
    Seen lookAgain(TagRequest request) {
        Question question =
                new Question(request.reference(), request.asked().headers().first("authorization"));
        CompletableFuture<Seen> mine = new CompletableFuture<>();
        CompletableFuture<Seen> other = asking.putIfAbsent(question, mine);
        if (other != null) {
            return other.join();
        }
        Seen seen = unknown();
        try {
            seen = ask(request);
            if (seen.presence() != Presence.UNKNOWN) {
                known.put(request.reference(), seen);
            }
        } finally {
            asking.remove(question, mine);
            mine.complete(seen);
        }
        return seen;
    }

    private Seen ask(TagRequest request) {
        HeaderLines headers = request.asked().headers().without("accept").without("if-none-match");
        for (String type : MediaTypes.MANIFESTS) {
            headers = headers.plus("accept", type);
        }
        long asked = nanoTime.getAsLong();
        UpstreamRequest question = new UpstreamRequest(true, request.asked().target(), headers, Purpose.FRESHNESS);
        try (UpstreamResponse response = upstream.send(question, patience)) {
            response.body().drain(DRAINED);
            return switch (response.status()) {
                case 200 -> there(response.headers(), asked);
                case 404 -> new Seen(Presence.GONE, null, null, asked);
                default -> unknown();
            };
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            return unknown();
        }
    }

    private static Seen there(HeaderLines headers, long asked) {
        return new Seen(
                Presence.THERE,
                headers.first("docker-content-digest").flatMap(Digest::tryParse).orElse(null),
                headers.first("content-type").map(MediaTypes::withoutParameters).orElse(null),
                asked);
    }

    private Seen unknown() {
        return new Seen(Presence.UNKNOWN, null, null, nanoTime.getAsLong());
    }
}
