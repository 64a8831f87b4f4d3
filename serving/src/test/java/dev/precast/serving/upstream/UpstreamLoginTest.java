package dev.precast.serving.upstream;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.upstream.UpstreamRequest.Purpose;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpstreamLoginTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final String TARGET = "/v2/a/b/manifests/v1";
    private static final String BASIC = "Basic cHJlY2FzdDpjYW5hcnk="; // precast:canary

    private final AtomicLong now = new AtomicLong();
    private final ServingMetrics metrics = new ServingMetrics(new SimpleMeterRegistry());
    private final FakeUpstream registry = new FakeUpstream();
    private final FakeUpstream elsewhere = new FakeUpstream();
    private final Upstream upstream = upstream(new UpstreamAccount("precast", "canary", Set.of()));

    @AfterEach
    void close() {
        registry.close();
        elsewhere.close();
    }

    @Test
    void basic_isSentWhenAskedFor_andThenAtOnce() throws Exception {
        registry.on(TARGET, FakeUpstream.locked(BASIC, FakeUpstream.json(200, "{}")));
        assertThat(status()).isEqualTo(200);
        assertThat(status()).isEqualTo(200);
        assertThat(registry.asked(TARGET))
                .extracting(asked -> asked.headers().containsKey("Authorization"))
                .containsExactly(false, true, true);
    }

    @Test
    void bearer_isBoughtForTheRepository_andKeptUntilItExpires() throws Exception {
        bearerUpstream(registry.url() + "/token");
        registry.on(
                "/token", FakeUpstream.locked(BASIC, FakeUpstream.json(200, "{\"token\":\"t1\",\"expires_in\":60}")));
        assertThat(status()).isEqualTo(200);
        assertThat(status()).isEqualTo(200);
        assertThat(registry.asked("/token?service=reg&scope=repository%3Aa%2Fb%3Apull"))
                .hasSize(1);
        now.addAndGet(Duration.ofSeconds(51).toNanos());
        assertThat(status()).isEqualTo(200);
        assertThat(registry.asked("/token?service=reg&scope=repository%3Aa%2Fb%3Apull"))
                .hasSize(2);
    }

    @Test
    void bearer_refusedBeforeItExpires_isBoughtAgain() throws Exception {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", FakeUpstream.json(200, "{\"token\":\"t0\"}"));
        refused();
        registry.on("/token", FakeUpstream.json(200, "{\"token\":\"t1\"}"));
        assertThat(status()).isEqualTo(200);
    }

    /** The realm sells nothing until everybody has been refused. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyAtOnce_buyOneToken(boolean waiting) throws Exception {
        int callers = 12;
        CountDownLatch refused = new CountDownLatch(callers);
        registry.on(TARGET, exchange -> {
            answer(exchange, registry.url() + "/token");
            refused.countDown();
        });
        registry.on("/token", exchange -> {
            hold(refused);
            FakeUpstream.json(200, "{\"token\":\"t1\",\"expires_in\":60}").send(exchange);
        });
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            answers.add(waiting ? waiting() : upstream.ask(request()).thenApply(UpstreamLoginTest::dropped));
        }
        for (CompletableFuture<Integer> answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo(200);
        }
        assertThat(registry.asked("/token?service=reg&scope=repository%3Aa%2Fb%3Apull"))
                .hasSize(1);
    }

    @Test
    void tokenThatCannotBeBought_isEverybodysFailure_andTriedAgain() throws Exception {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", FakeUpstream.json(503, "{}"));
        refused();
        refused();
        registry.on("/token", FakeUpstream.json(200, "{\"token\":\"t1\"}"));
        assertThat(status()).isEqualTo(200);
    }

    private CompletableFuture<Integer> waiting() {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        answer.complete(status());
                    } catch (IOException e) {
                        answer.completeExceptionally(e);
                    }
                })
                .start();
        return answer;
    }

    private static int dropped(UpstreamStream stream) {
        stream.drop();
        return stream.status();
    }

    @Test
    void bearer_withoutAnAccount_isBoughtAnonymously() throws Exception {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", FakeUpstream.json(200, "{\"access_token\":\"t1\"}"));
        try (UpstreamResponse response = upstream(UpstreamAccount.NONE).send(request())) {
            assertThat(response.status()).isEqualTo(200);
        }
        assertThat(registry.asked("/token?service=reg&scope=repository%3Aa%2Fb%3Apull"))
                .singleElement()
                .satisfies(asked -> assertThat(asked.headers()).doesNotContainKey("Authorization"));
    }

    @Test
    void whatACallerSent_isNeverForwarded() throws Exception {
        registry.on(TARGET, FakeUpstream.json(200, "{}"));
        HeaderLines callers = HeaderLines.NONE.plus("authorization", "Basic callers");
        upstream.send(new UpstreamRequest(false, TARGET, callers, Purpose.RELAY))
                .close();
        assertThat(registry.asked(TARGET))
                .singleElement()
                .satisfies(asked -> assertThat(asked.headers()).doesNotContainKey("Authorization"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:1/token",
                "http://127.0.0.2:1/token",
                "file:///etc/passwd",
                "http://user@127.0.0.1/t",
                "http://2130706433/token",
                "http://[::1]/token",
                "//127.0.0.1/token",
                "not a url",
                ""
            })
    void realmElsewhere_isNotAsked(String realm) {
        bearerUpstream(realm);
        refused();
    }

    /** On another host, and on another port of the registry's own: somebody else may listen there. */
    @Test
    void realmElsewhere_seesNothing() {
        String other = elsewhere.url() + "/token";
        for (String realm : List.of(other, other.replace("127.0.0.1", "localhost"))) {
            bearerUpstream(realm);
            refused();
        }
        assertThat(elsewhere.asked()).isEmpty();
    }

    @Test
    void realmElsewhere_ifConfigured_isAsked() throws Exception {
        bearerUpstream(elsewhere.url() + "/token");
        elsewhere.on("/token", FakeUpstream.json(200, "{\"token\":\"t1\"}"));
        Set<String> listed = Set.of(elsewhere.url().getAuthority());
        Upstream trusting = upstream(new UpstreamAccount("precast", "canary", listed));
        try (UpstreamResponse response = trusting.send(request())) {
            assertThat(response.status()).isEqualTo(200);
        }
    }

    @Test
    void redirectOfTheRealm_isNotFollowed() {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", exchange -> {
            exchange.getResponseHeaders().set("Location", elsewhere.url() + "/token");
            exchange.sendResponseHeaders(307, -1);
        });
        refused();
        assertThat(elsewhere.asked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"token\":\"a b\"}", "{\"token\":\"a\\r\\nX: y\"}", "{\"token\":\"\"}", "x"})
    void tokenThatIsNone_isRefused(String answer) {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", FakeUpstream.json(200, answer));
        refused();
    }

    @Test
    void tokenAnswerWithoutEnd_isRefused() {
        bearerUpstream(registry.url() + "/token");
        registry.on("/token", FakeUpstream.bytes(200, "application/json", new byte[65 << 10]));
        refused();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void upstreamThatRefusesUs_isNoAnswerForTheCaller(int status) {
        registry.on(TARGET, exchange -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"theirs\"");
            exchange.sendResponseHeaders(status, -1);
        });
        refused();
    }

    @ParameterizedTest
    @CsvSource({
        "/v2/, ''",
        "/v2/_catalog?n=1, registry:catalog:*",
        "/v2/a/tags/list?n=1, repository:a:pull",
        "/v2/a/b/tags/list, repository:a/b:pull",
        "/v2/a/manifests/v1, repository:a:pull",
        "/v2/blobs/manifests/blobs/sha256:ab, repository:blobs/manifests:pull"
    })
    void scope_isOfTheTarget(String target, String scope) {
        assertThat(UpstreamLogin.scope(target)).isEqualTo(scope);
    }

    private void refused() {
        assertThatThrownBy(this::status)
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.kind()).isEqualTo("credentials"))
                .hasMessageNotContaining("canary");
        assertThat(new UpstreamAccount("u", "canary", Set.of()).toString()).doesNotContain("canary");
    }

    private int status() throws IOException {
        try (UpstreamResponse response = upstream.send(request())) {
            response.body().drain(1000);
            return response.status();
        }
    }

    private static UpstreamRequest request() {
        return new UpstreamRequest(false, TARGET, HeaderLines.NONE, Purpose.RELAY);
    }

    private Upstream upstream(UpstreamAccount account) {
        UpstreamLogin login = new UpstreamLogin(registry.url(), account, TIMEOUT, now::get, metrics);
        return new Upstream(registry.url(), TIMEOUT, metrics, login);
    }

    private void bearerUpstream(String realm) {
        registry.on(TARGET, exchange -> answer(exchange, realm));
    }

    private static void answer(HttpExchange exchange, String realm) throws IOException {
        if ("Bearer t1".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            FakeUpstream.json(200, "{}").send(exchange);
            return;
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"reg\"");
        FakeUpstream.json(401, "{}").send(exchange);
    }
}
