package dev.precast.serving.upstream;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.support.FakeUpstream;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UpstreamCatalogTest {
    private static final String PATH = "/v2/_catalog";
    private static final FakeUpstream.Reply NAMES = FakeUpstream.json(200, "{\"repositories\":[\"b\",\"a\"]}");

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // Overflows soon, as nanoTime may.
    private final FakeUpstream registry = new FakeUpstream();
    private final Upstream upstream =
            new Upstream(registry.url(), Duration.ofSeconds(20), new ServingMetrics(new SimpleMeterRegistry()));
    private final UpstreamCatalog catalog = new UpstreamCatalog(upstream, now::get);
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        threads.shutdownNow();
        upstream.close();
        registry.close();
    }

    @Test
    void names_areKeptForHalfAMinute() throws IOException {
        registry.on(PATH, NAMES);
        assertThat(catalog.names()).containsExactly("a", "b");
        pass(Duration.ofSeconds(29));
        catalog.names();
        assertThat(registry.asked()).hasSize(1);
        pass(Duration.ofSeconds(2));
        catalog.names();
        assertThat(registry.asked()).hasSize(2);
    }

    @Test
    void failure_isEverybodysForASecond() throws IOException {
        registry.on(PATH, FakeUpstream.json(500, "{}"));
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(catalog::names).isInstanceOf(UpstreamException.class);
        }
        assertThat(registry.asked()).hasSize(1);
        registry.on(PATH, NAMES);
        pass(Duration.ofSeconds(1));
        assertThat(catalog.names()).containsExactly("a", "b");
    }

    @Test
    void manyAtOnce_readOnce_andFailTogether() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        registry.on(PATH, exchange -> {
            hold(go);
            FakeUpstream.json(500, "{}").send(exchange);
        });
        AtomicLong running = new AtomicLong();
        List<Future<List<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            answers.add(threads.submit(() -> {
                running.incrementAndGet();
                return catalog.names();
            }));
        }
        await().until(() -> running.get() == 8 && registry.asked().size() == 1);
        go.countDown();
        for (Future<List<String>> answer : answers) {
            assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(UpstreamException.class);
        }
        assertThat(registry.asked()).hasSize(1);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }
}
