package dev.precast.serving.upstream;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.upstream.UpstreamRequest.Purpose;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamClientTest {
    private static final String TARGET = "/v2/a/b/blobs/x";
    private static final int PIECE = 64 << 10;
    /** Far more than sockets hold. */
    private static final int PIECES = 2_000;

    private final FakeUpstream registry = new FakeUpstream();
    private final Upstream upstream = upstream(registry.url(), Duration.ofSeconds(20));
    private final AtomicInteger sent = new AtomicInteger();
    private final AtomicBoolean brokenOff = new AtomicBoolean();

    /** Counts what comes, and asks for nothing by itself. */
    private static final class Counting implements Flow.Subscriber<Content.Chunk> {
        private final AtomicInteger pieces = new AtomicInteger();
        private final AtomicLong bytes = new AtomicLong();
        private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
        private final CompletableFuture<Long> whole = new CompletableFuture<>();

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(Content.Chunk piece) {
            bytes.addAndGet(piece.remaining());
            piece.release();
            pieces.incrementAndGet();
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(bytes.get());
        }
    }

    @AfterEach
    void close() {
        upstream.close();
        registry.close();
    }

    @Test
    void publicOnly_nobodyElseIsConnectedTo() {
        registry.on("/x", FakeUpstream.json(200, "{}"));
        URI here = URI.create("http://localhost:" + registry.url().getPort() + "/x");
        UpstreamRequest ask = new UpstreamRequest(false, "/x", HeaderLines.NONE, UpstreamRequest.Purpose.RELAY);
        UpstreamStream open = upstream.ask(here, ask, false).join();
        assertThat(open.status()).isEqualTo(200);
        open.drop();
        assertThatThrownBy(() -> upstream.ask(here, ask, true).join())
                .cause()
                .isInstanceOfSatisfying(
                        UpstreamException.class,
                        refused -> assertThat(refused.kind()).isEqualTo("redirect"));
        assertThat(registry.asked()).hasSize(1);
    }

    @Test
    void whatNobodyAsksFor_staysUpstream() throws Exception {
        sendMuch();
        Counting body = new Counting();
        get().body().subscribe(body);
        Flow.Subscription subscription = body.subscription.join();
        for (int asked = 1; asked <= 3; asked++) {
            int pieces = asked;
            subscription.request(1);
            await().until(() -> body.pieces.get() == pieces);
        }
        awaitStandstill();
        assertThat(body.pieces.get()).isEqualTo(3);
        assertThat(sent.get()).isLessThan(PIECES);
        subscription.cancel();
        await().until(brokenOff::get);
        assertThat(body.whole).isNotDone();
    }

    @Test
    void whatIsAskedFor_comesWhole() throws Exception {
        sendMuch();
        Counting body = new Counting();
        get().body().subscribe(body);
        body.subscription.join().request(Long.MAX_VALUE);
        assertThat(body.whole.get(20, TimeUnit.SECONDS)).isEqualTo((long) PIECE * PIECES);
    }

    @Test
    void bodyThatBreaksOff_isAFailure() throws Exception {
        registry.on(TARGET, exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            throw new IOException("broken on purpose");
        });
        Counting body = new Counting();
        get().body().subscribe(body);
        body.subscription.join().request(Long.MAX_VALUE);
        assertThatThrownBy(() -> body.whole.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    }

    @Test
    void droppedAnswerWithoutBody_keepsItsConnection() throws Exception {
        AtomicInteger ports = new AtomicInteger();
        registry.on(TARGET, exchange -> {
            ports.set(exchange.getRemoteAddress().getPort());
            exchange.sendResponseHeaders(404, -1);
        });
        get().drop();
        int first = ports.get();
        await().untilAsserted(() -> {
            get().drop();
            assertThat(ports.get()).isEqualTo(first);
        });
    }

    @Test
    void headersThatDoNotCome_areATimeout() {
        CountDownLatch never = new CountDownLatch(1);
        registry.on(TARGET, exchange -> hold(never));
        try (Upstream impatient = upstream(registry.url(), Duration.ofMillis(300))) {
            fails(impatient, "timeout");
        } finally {
            never.countDown();
        }
    }

    @Test
    void nobodyThere_isUnreachable() {
        try (Upstream nobody = upstream(URI.create("http://127.0.0.1:1"), Duration.ofSeconds(5));
                Upstream nowhere = upstream(URI.create("http://nowhere.invalid"), Duration.ofSeconds(5))) {
            fails(nobody, "unreachable");
            // Who is asked for names may take longer than that to say that there is none.
            fails(nowhere, "unreachable", "timeout");
        }
    }

    @Test
    void connectionClosedMeanwhile_isAskedOverAnother() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        registry.on(TARGET, exchange -> {
            if (asked.incrementAndGet() == 1) {
                throw new IOException("closed without an answer, on purpose");
            }
            exchange.sendResponseHeaders(200, -1);
        });
        assertThat(get().status()).isEqualTo(200);
        assertThat(asked.get()).isEqualTo(2);
    }

    private void fails(Upstream asked, String... kinds) {
        assertThatThrownBy(() -> asked.ask(request()).get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.kind()).isIn(List.of(kinds)));
    }

    private UpstreamStream get() throws Exception {
        return upstream.ask(request()).get(20, TimeUnit.SECONDS);
    }

    private void sendMuch() {
        registry.on(TARGET, exchange -> {
            exchange.sendResponseHeaders(200, (long) PIECE * PIECES);
            try {
                for (int i = 0; i < PIECES; i++) {
                    exchange.getResponseBody().write(new byte[PIECE]);
                    sent.incrementAndGet();
                }
            } catch (IOException e) {
                brokenOff.set(true);
                throw e;
            }
        });
    }

    /** The sockets between are full. */
    private void awaitStandstill() {
        AtomicInteger last = new AtomicInteger(-1);
        await().pollInterval(Duration.ofMillis(300)).until(() -> last.getAndSet(sent.get()) == sent.get());
    }

    private static UpstreamRequest request() {
        return new UpstreamRequest(false, TARGET, HeaderLines.NONE, Purpose.RELAY);
    }

    private static Upstream upstream(URI url, Duration timeout) {
        return new Upstream(url, timeout, new ServingMetrics(new SimpleMeterRegistry()));
    }
}
