package dev.precast.serving.freshness;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.freshness.UpstreamTags.Presence;
import dev.precast.serving.freshness.UpstreamTags.Seen;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.negotiation.Decision;
import dev.precast.serving.negotiation.Negotiation;
import dev.precast.serving.negotiation.NegotiationRules;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.view.DamagedViewException;
import dev.precast.serving.view.ManifestView;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A tag's offers, and what is done where they are missing or, if so configured, older than what the upstream has: the tag is
 * reported to ingest as any event would be, and the request waits for the outcome. What is served without being compared is looked at
 * upstream afterwards, now and then, and reported if it is not the same. So an event that was lost anywhere heals at the first
 * pull. Clients that take what is stored are never kept waiting, and cost the upstream nothing more. Thread-safe.
 *
 * <p>A strange caller cannot cause hints: only those who may read the repository come here, and only tags that the upstream says
 * it has are reported.
 */
public final class FreshOffers implements AutoCloseable {
    /** Each holds a thread of the server. */
    static final int WAITERS = 64;

    private final Function<Reference, Optional<TagOffers>> view;
    private final FreshnessConfig config;
    private final UpstreamTags upstream;
    private final MissHints hints;
    private final HintLimit limit;
    private final TagWaiters waiters = new TagWaiters(WAITERS);
    private final LaterLooks later;
    private final LongSupplier nanoTime;
    private final ServingMetrics metrics;

    /**
     * What the upstream is asked by.
     *
     * @param timeout of one question
     * @param nanoTime a clock that only goes forward
     */
    public record Asking(Upstream upstream, Duration timeout, LongSupplier nanoTime) {}

    public FreshOffers(
            ManifestView view, FreshnessConfig config, Asking asking, MissHints hints, ServingMetrics metrics) {
        this(view::offers, config, asking, hints, metrics);
        view.onChange(waiters);
        metrics.gauge("precast.serving.waiting", "", "tags that requests wait for", waiters::size);
    }

    FreshOffers(
            Function<Reference, Optional<TagOffers>> view,
            FreshnessConfig config,
            Asking asking,
            MissHints hints,
            ServingMetrics metrics) {
        this.view = view;
        this.config = config;
        this.upstream = new UpstreamTags(asking.upstream(), asking.timeout(), asking.nanoTime(), metrics);
        this.hints = hints;
        this.limit = new HintLimit(asking.nanoTime());
        this.later = new LaterLooks(config.checked() ? Duration.ZERO : config.lookEvery(), asking.nanoTime(), metrics);
        this.nanoTime = asking.nanoTime();
        this.metrics = metrics;
    }

    /** Told of changes of the view. */
    TagWaiters waiters() {
        return waiters;
    }

    /** What there is for the request; may wait for as long as is configured. */
    public TagAnswer find(TagRequest request) {
        Optional<TagOffers> held = view.apply(request.reference());
        if (held.isEmpty()) {
            return missing(request);
        }
        return config.checked() && !passedThrough(request, held.get())
                ? checked(request, held.get())
                : new TagAnswer.Offers(held.get());
    }

    /**
     * A tag was answered with what the view has. Costs next to nothing and never waits: another thread may look whether the
     * upstream still has the same.
     *
     * @param asked what would be asked of the upstream for this caller
     */
    public void served(Reference reference, Supplier<UpstreamRequest> asked) {
        if (later.due(reference)) {
            later.execute(() -> lookLater(new TagRequest(reference, asked.get(), List.of(), NegotiationRules.DEFAULT)));
        }
    }

    private void lookLater(TagRequest request) {
        Seen seen = upstream.look(request);
        Optional<TagOffers> held = held(request.reference()); // After the look: what came meanwhile is no news.
        boolean moved = seen.presence() == Presence.THERE
                && seen.digest() != null
                && held.isPresent()
                && !held.get().root().equals(seen.digest());
        boolean gone = seen.presence() == Presence.GONE && held.isPresent();
        if (moved || gone) {
            report(request, gone, seen.digest());
            metrics.freshness(gone ? "gone" : "moved");
        }
    }

    private Optional<TagOffers> held(Reference reference) {
        try {
            return view.apply(reference);
        } catch (DamagedViewException e) {
            return Optional.empty(); // Whoever reads it for a request says so.
        }
    }

    /** Looks at nothing any more. */
    @Override
    public void close() {
        later.close();
    }

    private static boolean passedThrough(TagRequest request, TagOffers held) {
        return Negotiation.decide(held.rootMediaType(), held.offers(), request.accept(), request.rules())
                instanceof Decision.PassThrough;
    }

    private TagAnswer missing(TagRequest request) {
        if (!Wants.ofSome(request.accept(), request.rules())) {
            return new TagAnswer.PassThrough();
        }
        Seen seen = upstream.look(request);
        boolean wanted =
                seen.presence() == Presence.THERE && Wants.of(seen.mediaType(), request.accept(), request.rules());
        return wanted ? await(request, seen) : new TagAnswer.PassThrough();
    }

    private TagAnswer checked(TagRequest request, TagOffers held) {
        Seen seen = upstream.look(request);
        if (seen.presence() == Presence.THERE && !held.root().equals(seen.digest())) {
            seen = upstream.lookAgain(request); // What was seen a second ago may be older than what the view has now.
        }
        if (seen.presence() == Presence.GONE) {
            report(request, true, null);
            metrics.freshness("gone");
            return new TagAnswer.PassThrough();
        }
        if (seen.presence() == Presence.UNKNOWN || seen.digest() == null) {
            metrics.freshness("unchecked");
            return new TagAnswer.Unchecked();
        }
        return held.root().equals(seen.digest()) ? new TagAnswer.Offers(held) : await(request, seen);
    }

    private TagAnswer await(TagRequest request, Seen wanted) {
        Reference reference = request.reference();
        Optional<TagWaiters.Place> place = waiters.enter(RecordKeys.tag(reference.repository(), reference.tag()));
        report(request, false, wanted.digest());
        if (place.isEmpty()) {
            metrics.freshness("crowded");
            return new TagAnswer.Pending();
        }
        try (TagWaiters.Place here = place.get()) {
            Optional<TagOffers> offers = await(request, wanted, here);
            metrics.freshness(offers.isPresent() ? "waited" : "pending");
            return offers.<TagAnswer>map(TagAnswer.Offers::new).orElseGet(TagAnswer.Pending::new);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new TagAnswer.Pending();
        }
    }

    private Optional<TagOffers> await(TagRequest request, Seen first, TagWaiters.Place place)
            throws InterruptedException {
        long deadline = nanoTime.getAsLong() + config.longestWait().toNanos();
        Seen wanted = first;
        while (true) {
            long mark = place.mark();
            Optional<TagOffers> held = view.apply(request.reference());
            if (held.isPresent() && !satisfies(held.get(), wanted) && mark > 0) {
                wanted = upstream.lookAgain(request); // It moved on while we waited.
            }
            if (held.isPresent() && satisfies(held.get(), wanted)) {
                return held;
            }
            if (!place.await(mark, deadline - nanoTime.getAsLong())) {
                return Optional.empty();
            }
        }
    }

    private boolean satisfies(TagOffers held, Seen wanted) {
        return !config.checked() || held.root().equals(wanted.digest());
    }

    private void report(TagRequest request, boolean gone, @Nullable Digest digest) {
        if (limit.admit(request.reference())) {
            hints.report(request.reference(), gone, digest);
        }
    }
}
