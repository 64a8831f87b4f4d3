package dev.precast.serving.auth;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.upstream.Upstream;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamAuthoriserTest {
    private static final String PROBE = "/v2/a/b/tags/list?n=1";
    private static final String PATH = "/v2/a/b/tags/list";
    private static final Credential ALICE = new Credential(Optional.of("Basic alice"));
    private static final Credential BOB = new Credential(Optional.of("Basic bob"));

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // Overflows soon, as nanoTime may.
    private final FakeUpstream registry = new FakeUpstream();
    private final UpstreamAuthoriser authoriser = new UpstreamAuthoriser(
            new Upstream(registry.url(), Duration.ofSeconds(10), new ServingMetrics(new SimpleMeterRegistry())),
            Duration.ofSeconds(10),
            Duration.ofMinutes(5),
            now::get,
            new Fingerprints(new SecureRandom()),
            new ServingMetrics(new SimpleMeterRegistry()));

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void yes_isRememberedForThirtySeconds() {
        registry.on(PATH, FakeUpstream.locked("Basic alice", FakeUpstream.json(200, "{}")));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        pass(Duration.ofSeconds(29));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        assertThat(registry.asked(PROBE)).hasSize(1);
        registry.on(PATH, FakeUpstream.json(403, "{}"));
        pass(Duration.ofSeconds(2));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.DENIED);
    }

    @Test
    void yes_isNobodyElses() {
        registry.on(PATH, FakeUpstream.locked("Basic alice", FakeUpstream.json(200, "{}")));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        assertThat(authoriser.ask("a/b", BOB)).isEqualTo(Verdict.DENIED);
        assertThat(authoriser.ask("a/b", Credential.ANONYMOUS)).isEqualTo(Verdict.DENIED);
        assertThat(authoriser.ask("a/c", ALICE)).isEqualTo(Verdict.DENIED);
    }

    @Test
    void no_isRememberedForFiveSeconds() {
        registry.on(PATH, FakeUpstream.json(401, "{}"));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.DENIED);
        registry.on(PATH, FakeUpstream.json(200, "{}"));
        pass(Duration.ofSeconds(4));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.DENIED);
        pass(Duration.ofSeconds(2));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
    }

    @Test
    void remembered_isWhatWasAsked_whileItHolds() {
        registry.on(PATH, FakeUpstream.locked("Basic alice", FakeUpstream.json(200, "{}")));
        assertThat(authoriser.remembered("a/b", ALICE)).isEmpty();
        assertThat(registry.asked(PROBE)).isEmpty();
        authoriser.read("a/b", ALICE);
        authoriser.read("a/b", BOB);
        assertThat(authoriser.remembered("a/b", ALICE)).contains(Ruling.Plain.ALLOWED);
        assertThat(authoriser.remembered("a/b", BOB)).contains(Ruling.Plain.UPSTREAM);
        assertThat(authoriser.remembered("a/b", Credential.ANONYMOUS)).isEmpty();
        assertThat(authoriser.remembered("a/c", ALICE)).isEmpty();
        pass(Duration.ofSeconds(6));
        assertThat(authoriser.remembered("a/b", ALICE)).contains(Ruling.Plain.ALLOWED);
        assertThat(authoriser.remembered("a/b", BOB)).isEmpty();
        pass(Duration.ofSeconds(25));
        assertThat(authoriser.remembered("a/b", ALICE)).isEmpty();
        assertThat(registry.asked(PROBE)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 301, 307, 400, 401, 403, 404, 405})
    void anythingButTwoHundred_isANo(int status) {
        registry.on(PATH, exchange -> exchange.sendResponseHeaders(status, -1));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.DENIED);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503})
    void whatSaysNothingAboutTheCaller_isNoAnswer(int status) {
        registry.on(PATH, FakeUpstream.json(status, "{}"));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.UNAVAILABLE);
    }

    @Test
    void credentialThatCannotBeSentOn_isANo() {
        registry.on(PATH, FakeUpstream.json(200, "{}"));
        assertThat(authoriser.ask("a/b", new Credential(Optional.of("Basic \u0100"))))
                .isEqualTo(Verdict.DENIED);
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void upstreamDown_whatIsPrivate_isClosed() {
        registry.on(PATH, FakeUpstream.locked("Basic alice", FakeUpstream.json(200, "{}")));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        registry.on(PATH, FakeUpstream.json(503, "{}"));
        pass(Duration.ofSeconds(29));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        pass(Duration.ofSeconds(2));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.UNAVAILABLE);
    }

    @Test
    void upstreamDown_whatIsPublic_isOpenToAllForTheGrace() {
        registry.on(PATH, FakeUpstream.json(200, "{}"));
        authoriser.ask("a/b", Credential.ANONYMOUS);
        registry.on(PATH, FakeUpstream.json(503, "{}"));
        registry.on("/v2/a/c/tags/list", FakeUpstream.json(503, "{}"));
        pass(Duration.ofSeconds(100));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.ALLOWED);
        assertThat(authoriser.ask("a/b", Credential.ANONYMOUS)).isEqualTo(Verdict.ALLOWED);
        assertThat(authoriser.ask("a/c", ALICE)).isEqualTo(Verdict.UNAVAILABLE);
        pass(Duration.ofSeconds(199));
        assertThat(authoriser.ask("a/b", BOB)).isEqualTo(Verdict.ALLOWED);
        pass(Duration.ofSeconds(2));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.UNAVAILABLE);
        assertThat(authoriser.ask("a/b", Credential.ANONYMOUS)).isEqualTo(Verdict.UNAVAILABLE);
    }

    @Test
    void publicThenPrivate_isNoLongerKnownAsPublic() {
        registry.on(PATH, FakeUpstream.json(200, "{}"));
        authoriser.ask("a/b", Credential.ANONYMOUS);
        registry.on(PATH, FakeUpstream.json(401, "{}"));
        pass(Duration.ofSeconds(31));
        assertThat(authoriser.ask("a/b", Credential.ANONYMOUS)).isEqualTo(Verdict.DENIED);
        registry.on(PATH, FakeUpstream.json(503, "{}"));
        pass(Duration.ofSeconds(6));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.UNAVAILABLE);
    }

    @Test
    void upstreamDown_isAskedAgainSoon() {
        registry.on(PATH, FakeUpstream.json(200, "{}"));
        authoriser.ask("a/b", Credential.ANONYMOUS);
        registry.on(PATH, FakeUpstream.json(503, "{}"));
        pass(Duration.ofSeconds(40));
        authoriser.ask("a/b", ALICE);
        registry.on(PATH, FakeUpstream.json(403, "{}"));
        pass(Duration.ofSeconds(2));
        assertThat(authoriser.ask("a/b", ALICE)).isEqualTo(Verdict.DENIED);
    }

    @Test
    void manyAtOnce_askOnce() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        registry.on(PATH, exchange -> {
            asked.countDown();
            hold(answer);
            FakeUpstream.json(200, "{}").send(exchange);
        });
        List<CompletableFuture<Verdict>> callers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            CompletableFuture<Verdict> caller = new CompletableFuture<>();
            callers.add(caller);
            Thread thread = new Thread(() -> caller.complete(authoriser.ask("a/b", ALICE)));
            threads.add(thread);
            thread.start();
        }
        hold(asked);
        while (threads.stream().anyMatch(t -> t.getState() == Thread.State.RUNNABLE)) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        answer.countDown();
        for (CompletableFuture<Verdict> caller : callers) {
            assertThat(caller.get(20, TimeUnit.SECONDS)).isEqualTo(Verdict.ALLOWED);
        }
        assertThat(registry.asked(PROBE)).hasSize(1);
    }

    @Test
    void recentlyUsed_isBounded() {
        RecentlyUsed<String, Integer> few = new RecentlyUsed<>(3);
        for (int i = 0; i < 10; i++) {
            few.put("r" + i, i);
            few.get("r0");
        }
        assertThat(few.size()).isEqualTo(3);
        assertThat(few.get("r0")).isZero();
        assertThat(few.get("r5")).isNull();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
