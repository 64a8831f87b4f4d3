package dev.precast.serving.freshness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.TagOffers;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.negotiation.NegotiationRules;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Images;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FreshOffersTest {
    private static final Reference TAG = new Reference("a", "v1");
    private static final String TARGET = "/v2/a/manifests/v1";
    private static final Digest OTHER = Digest.sha256("other".getBytes(StandardCharsets.UTF_8));
    private static final List<String> OLD = List.of();
    private static final List<String> MODERN =
            List.of(MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST, MediaTypes.OCI_MANIFEST, MediaTypes.OCI_INDEX);
    private static final Duration NO_WAIT = Duration.ZERO;
    private static final Duration LONG_WAIT = Duration.ofSeconds(30);
    private static final Duration LOOKS = Duration.ofSeconds(30);

    private record Reported(Reference reference, boolean gone, Optional<Digest> digest) {}

    private final Map<Reference, TagOffers> view = new ConcurrentHashMap<>();
    private final AtomicInteger viewReads = new AtomicInteger();
    private final List<Reported> reported = new CopyOnWriteArrayList<>();
    private final FakeUpstream upstream = new FakeUpstream();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong now = new AtomicLong(System.nanoTime());
    private final List<FreshOffers> open = new ArrayList<>();

    @AfterEach
    void close() {
        open.forEach(FreshOffers::close);
        threads.shutdownNow();
        upstream.close();
    }

    @Test
    void held_isServedWithoutAsking() {
        view.put(TAG, offers(Images.ROOT));
        assertThat(eventual(NO_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.Offers(offers(Images.ROOT)));
        assertThat(upstream.asked()).isEmpty();
    }

    @Test
    void missing_modernClientIsPassedThroughWithoutAsking() {
        assertThat(eventual(LONG_WAIT).find(request(MODERN))).isEqualTo(new TagAnswer.PassThrough());
        assertThat(upstream.asked()).isEmpty();
    }

    @Test
    void missing_unknownUpstream_isPassedThroughWithoutAHint() {
        assertThat(eventual(LONG_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.PassThrough());
        assertThat(reported).isEmpty();
    }

    @Test
    void missing_upstreamRefuses_isPassedThroughWithoutAHint() {
        upstream.on(TARGET, FakeUpstream.json(403, "{}"));
        assertThat(eventual(LONG_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.PassThrough());
        assertThat(reported).isEmpty();
    }

    @Test
    void missing_upstreamHasIt_isReportedOnceAndPending() {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        FreshOffers offers = eventual(NO_WAIT);
        assertThat(offers.find(request(OLD))).isEqualTo(new TagAnswer.Pending());
        assertThat(offers.find(request(OLD))).isEqualTo(new TagAnswer.Pending());
        assertThat(reported).containsExactly(new Reported(TAG, false, Optional.of(Images.ROOT)));
        assertThat(upstream.asked(TARGET)).hasSize(1).first().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("HEAD");
            assertThat(asked.headers().get("Authorization")).containsExactly("Basic caller");
            assertThat(String.join(",", asked.headers().get("Accept"))).contains(MODERN);
        });
    }

    @Test
    void missing_storedFormThatTheClientTakes_isPassedThrough() {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        List<String> docker1_13 = List.of(MediaTypes.SCHEMA1_SIGNED, MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
        assertThat(eventual(LONG_WAIT).find(request(docker1_13))).isEqualTo(new TagAnswer.PassThrough());
        assertThat(reported).isEmpty();
    }

    @Test
    void missing_comesWhileWaiting() throws Exception {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        FreshOffers offers = eventual(LONG_WAIT);
        List<Future<TagAnswer>> answers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            answers.add(threads.submit(() -> offers.find(request(OLD))));
        }
        await().until(() -> reported.size() == 1 && offers.waiters().size() == 1);
        put(offers, offers(Images.ROOT));
        for (Future<TagAnswer> answer : answers) {
            assertThat(answer.get()).isEqualTo(new TagAnswer.Offers(offers(Images.ROOT)));
        }
        assertThat(reported).hasSize(1);
    }

    @Test
    void missing_tooManyWait_theRestIsPendingAtOnce() throws Exception {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        FreshOffers offers = eventual(LONG_WAIT);
        List<TagWaiters.Place> taken = new ArrayList<>();
        for (int i = 0; i < FreshOffers.WAITERS; i++) {
            taken.add(offers.waiters().enter("other:" + i).orElseThrow());
        }
        assertThat(offers.find(request(OLD))).isEqualTo(new TagAnswer.Pending());
        taken.forEach(TagWaiters.Place::close);
    }

    @Test
    void checked_sameDigest_isServed() {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        view.put(TAG, offers(Images.ROOT));
        FreshOffers offers = checked(NO_WAIT);
        for (int i = 0; i < 3; i++) {
            assertThat(offers.find(request(OLD))).isEqualTo(new TagAnswer.Offers(offers(Images.ROOT)));
        }
        assertThat(upstream.asked(TARGET)).hasSize(1);
    }

    @Test
    void checked_moved_isNeverServedStale() throws Exception {
        has(OTHER, MediaTypes.SCHEMA2);
        view.put(TAG, offers(Images.ROOT));
        assertThat(checked(NO_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.Pending());
        assertThat(reported).containsExactly(new Reported(TAG, false, Optional.of(OTHER)));
        FreshOffers offers = checked(LONG_WAIT);
        Future<TagAnswer> answer = threads.submit(() -> offers.find(request(OLD)));
        await().until(() -> offers.waiters().size() == 1);
        put(offers, offers(Images.ROOT));
        put(offers, offers(OTHER));
        assertThat(answer.get()).isEqualTo(new TagAnswer.Offers(offers(OTHER)));
    }

    @Test
    void checked_movedOnWhileWaiting_theNewestIsServed() throws Exception {
        Digest third = Digest.sha256("third".getBytes(StandardCharsets.UTF_8));
        has(OTHER, MediaTypes.SCHEMA2);
        view.put(TAG, offers(Images.ROOT));
        FreshOffers offers = checked(LONG_WAIT);
        Future<TagAnswer> answer = threads.submit(() -> offers.find(request(OLD)));
        await().until(() -> offers.waiters().size() == 1);
        has(third, MediaTypes.SCHEMA2);
        put(offers, offers(third));
        assertThat(answer.get()).isEqualTo(new TagAnswer.Offers(offers(third)));
    }

    @Test
    void checked_gone_isPassedThroughAndReported() {
        view.put(TAG, offers(Images.ROOT));
        assertThat(checked(NO_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.PassThrough());
        assertThat(reported).containsExactly(new Reported(TAG, true, Optional.empty()));
    }

    @Test
    void checked_upstreamCannotBeAsked() {
        view.put(TAG, offers(Images.ROOT));
        upstream.goAway();
        assertThat(checked(NO_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.Unchecked());
        assertThat(reported).isEmpty();
    }

    @Test
    void checked_upstreamDoesNotSayTheDigest() {
        upstream.on(TARGET, FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[0]));
        view.put(TAG, offers(Images.ROOT));
        assertThat(checked(NO_WAIT).find(request(OLD))).isEqualTo(new TagAnswer.Unchecked());
    }

    @Test
    void checked_clientThatTakesWhatIsStored_isNotChecked() {
        view.put(TAG, offers(Images.ROOT));
        assertThat(checked(NO_WAIT).find(request(MODERN))).isEqualTo(new TagAnswer.Offers(offers(Images.ROOT)));
        assertThat(upstream.asked()).isEmpty();
    }

    @Test
    void served_moved_isReportedAfterwards() {
        has(OTHER, MediaTypes.SCHEMA2);
        view.put(TAG, offers(Images.ROOT));
        FreshOffers offers = looking();
        offers.served(TAG, request(OLD)::asked);
        await().until(() -> !reported.isEmpty());
        assertThat(reported).containsExactly(new Reported(TAG, false, Optional.of(OTHER)));
        assertThat(upstream.asked(TARGET)).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("HEAD");
            assertThat(asked.headers().get("Authorization")).containsExactly("Basic caller");
        });
    }

    @Test
    void served_gone_isReportedAfterwards() {
        view.put(TAG, offers(Images.ROOT));
        looking().served(TAG, request(OLD)::asked);
        await().until(() -> !reported.isEmpty());
        assertThat(reported).containsExactly(new Reported(TAG, true, Optional.empty()));
    }

    @Test
    void served_same_isLookedAtOnceInAWhile() {
        has(Images.ROOT, MediaTypes.SCHEMA2);
        view.put(TAG, offers(Images.ROOT));
        FreshOffers offers = looking();
        for (int looked = 1; looked < 4; looked++) {
            int sofar = looked;
            for (int i = 0; i < 100; i++) {
                offers.served(TAG, request(OLD)::asked);
            }
            // The view is read when the look is over: one that is under way would be shared by the next.
            await().until(() -> upstream.asked(TARGET).size() == sofar && viewReads.get() == sofar);
            now.addAndGet(LOOKS.toNanos() - Duration.ofSeconds(1).toNanos());
            offers.served(TAG, request(OLD)::asked);
            now.addAndGet(Duration.ofSeconds(2).toNanos());
        }
        assertThat(upstream.asked(TARGET)).hasSize(3);
        assertThat(reported).isEmpty();
    }

    @Test
    void served_checked_isNotLookedAtAgain() {
        view.put(TAG, offers(Images.ROOT));
        checked(NO_WAIT).served(TAG, request(OLD)::asked);
        eventual(NO_WAIT).served(TAG, request(OLD)::asked);
        FreshOffers offers = looking();
        offers.served(new Reference("a", "last"), request(OLD)::asked);
        await().until(() -> !upstream.asked().isEmpty());
        assertThat(upstream.asked()).hasSize(1);
    }

    private void put(FreshOffers offers, TagOffers value) {
        view.put(TAG, value);
        offers.waiters().changed(List.of("a:v1"));
    }

    private void has(Digest digest, String mediaType) {
        upstream.on(TARGET, exchange -> head(exchange, digest, mediaType));
    }

    private static void head(HttpExchange exchange, Digest digest, String mediaType) throws IOException {
        exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        exchange.getResponseHeaders().set("Content-Length", "7");
        exchange.sendResponseHeaders(200, -1);
    }

    private FreshOffers eventual(Duration wait) {
        return offers(new FreshnessConfig(wait, false, Duration.ZERO));
    }

    private FreshOffers checked(Duration wait) {
        return offers(new FreshnessConfig(wait, true, LOOKS));
    }

    private FreshOffers looking() {
        return offers(new FreshnessConfig(NO_WAIT, false, LOOKS));
    }

    private FreshOffers offers(FreshnessConfig config) {
        Duration timeout = Duration.ofSeconds(5);
        ServingMetrics metrics = new ServingMetrics(new SimpleMeterRegistry());
        FreshOffers made = new FreshOffers(
                reference -> {
                    viewReads.incrementAndGet();
                    return Optional.ofNullable(view.get(reference));
                },
                config,
                new FreshOffers.Asking(new Upstream(upstream.url(), timeout, metrics), timeout, now::get),
                (reference, gone, digest) -> reported.add(new Reported(reference, gone, Optional.ofNullable(digest))),
                metrics);
        open.add(made);
        return made;
    }

    private static TagRequest request(List<String> accept) {
        HeaderLines headers = HeaderLines.of(Map.of(
                "authorization", List.of("Basic caller"), "accept", List.of("x/y"), "if-none-match", List.of("*")));
        return new TagRequest(
                TAG,
                new UpstreamRequest(false, TARGET, headers, UpstreamRequest.Purpose.RELAY),
                accept,
                NegotiationRules.DEFAULT);
    }

    private static TagOffers offers(Digest root) {
        TagOffers made = Images.offers("a", "v1", 1, MediaTypes.SCHEMA2, Images.schema1("a", "v1"));
        return new TagOffers("a", "v1", 1, root, MediaTypes.SCHEMA2, made.offers(), "test");
    }
}
