package dev.precast.serving.upstream;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.upstream.UpstreamRequest.Purpose;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final FakeUpstream registry = new FakeUpstream();
    private final Upstream upstream =
            new Upstream(registry.url(), TIMEOUT, new ServingMetrics(new SimpleMeterRegistry()));

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void body_comesThroughWhole() throws IOException {
        byte[] content = new byte[3_000_001];
        new Random(7).nextBytes(content);
        registry.on("/v2/a", FakeUpstream.bytes(200, "application/octet-stream", content));
        try (UpstreamResponse response = upstream.send(get("/v2/a"))) {
            assertThat(response.headers().first("CONTENT-length")).hasValue("3000001");
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            response.body().writeTo(out);
            assertThat(out.toByteArray()).isEqualTo(content);
        }
    }

    @Test
    void headers_everyLineIsSent() throws IOException {
        HeaderLines headers =
                HeaderLines.of(Map.of("Accept", List.of("a/b", "c/d"), "Authorization", List.of("Basic x")));
        upstream.send(new UpstreamRequest(true, "/v2/a", headers, Purpose.RELAY))
                .close();
        assertThat(registry.asked()).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("HEAD");
            assertThat(asked.headers().get("Accept")).containsExactly("a/b", "c/d");
            assertThat(asked.headers().get("Authorization")).containsExactly("Basic x");
            assertThat(asked.headers().get("Accept-encoding")).containsExactly("identity");
        });
    }

    @Test
    void redirect_isNotFollowed() throws IOException {
        registry.on("/v2/a", exchange -> {
            exchange.getResponseHeaders().set("Location", registry.url() + "/v2/b");
            exchange.sendResponseHeaders(307, -1);
        });
        try (UpstreamResponse response = upstream.send(get("/v2/a"))) {
            assertThat(response.status()).isEqualTo(307);
        }
        assertThat(registry.asked("/v2/b")).isEmpty();
    }

    @Test
    void body_brokenOff() throws IOException {
        registry.on("/v2/a", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
            throw new IOException("broken on purpose");
        });
        try (UpstreamResponse response = upstream.send(get("/v2/a"))) {
            assertThatThrownBy(() -> response.body().writeTo(OutputStream.nullOutputStream()))
                    .isInstanceOfSatisfying(
                            UpstreamException.class, e -> assertThat(e.kind()).isEqualTo("broken"));
        }
    }

    @Test
    void body_stalled() throws IOException {
        CountDownLatch done = new CountDownLatch(1);
        registry.on("/v2/a", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[500]);
            exchange.getResponseBody().flush();
            hold(done);
        });
        try (UpstreamResponse response = upstream.send(get("/v2/a"), Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> response.body().writeTo(OutputStream.nullOutputStream()))
                    .isInstanceOfSatisfying(
                            UpstreamException.class, e -> assertThat(e.kind()).isEqualTo("timeout"));
        } finally {
            done.countDown();
        }
    }

    @Test
    void body_isReadOnlyAsFastAsItIsTaken() throws Exception {
        AtomicLong sent = new AtomicLong();
        long total = 256L << 20;
        registry.on("/v2/a", exchange -> {
            exchange.sendResponseHeaders(200, total);
            byte[] block = new byte[64 << 10];
            for (long n = 0; n < total; n += block.length) {
                exchange.getResponseBody().write(block);
                sent.addAndGet(block.length);
            }
        });
        try (UpstreamResponse response = upstream.send(get("/v2/a"))) {
            long before;
            do { // Until the pipes between are full and nothing moves any more.
                before = sent.get();
                TimeUnit.MILLISECONDS.sleep(300);
            } while (sent.get() != before);
            assertThat(before).isLessThan(total / 4);
            assertThat(response.status()).isEqualTo(200);
        }
    }

    @Test
    void contentEncoding_isRefused() {
        registry.on("/v2/a", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 3);
            exchange.getResponseBody().write(new byte[3]);
        });
        assertThatThrownBy(() -> upstream.send(get("/v2/a"))).isInstanceOf(UpstreamException.class);
    }

    @Test
    void nobodyThere() {
        registry.close();
        assertThatThrownBy(() -> upstream.send(get("/v2/a")))
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.kind()).isEqualTo("unreachable"));
    }

    @Test
    void noAnswerInTime() {
        CountDownLatch done = new CountDownLatch(1);
        registry.on("/v2/a", exchange -> hold(done));
        assertThatThrownBy(() -> upstream.send(get("/v2/a"), Duration.ofMillis(300)))
                .isInstanceOfSatisfying(
                        UpstreamException.class, e -> assertThat(e.kind()).isEqualTo("timeout"));
        done.countDown();
    }

    private static UpstreamRequest get(String target) {
        return new UpstreamRequest(false, target, HeaderLines.NONE, Purpose.RELAY);
    }
}
