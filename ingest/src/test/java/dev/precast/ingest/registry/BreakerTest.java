package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.BreakerConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BreakerTest {
    private final AtomicLong now = new AtomicLong();
    private final Breaker breaker = new Breaker(new BreakerConfig(3, Duration.ofSeconds(30)), now::get, () -> 0);

    @Test
    void failuresInARow_openIt_andAnAnswerInBetweenDoesNot() throws InterruptedException {
        fail(2);
        breaker.succeeded();
        fail(2);
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        breaker.pass(() -> {
            throw new AssertionError("nothing to probe");
        });

        fail(1);
        assertThat(breaker.state()).isEqualTo(Breaker.State.OPEN);
    }

    @Test
    void afterTheWait_oneProbeDecides() throws InterruptedException {
        fail(3);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        List<Breaker.State> during = new ArrayList<>();
        breaker.pass(() -> {
            during.add(breaker.state());
            return Optional.empty();
        });

        assertThat(during).containsExactly(Breaker.State.HALF_OPEN);
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
        fail(2);
        assertThat(breaker.state()).isEqualTo(Breaker.State.CLOSED);
    }

    @Test
    void failedProbe_opensItAgain() throws InterruptedException {
        // Ten minutes pass between two looks at the clock, so that no wait is waited for.
        Breaker hasty = new Breaker(
                new BreakerConfig(1, Duration.ofSeconds(30)),
                () -> now.addAndGet(Duration.ofMinutes(10).toNanos()),
                () -> 0);
        hasty.failed(Duration.ZERO);
        AtomicInteger probes = new AtomicInteger();
        hasty.pass(() -> probes.incrementAndGet() == 4 ? Optional.empty() : Optional.of(Duration.ZERO));

        assertThat(probes).hasValue(4);
        assertThat(hasty.state()).isEqualTo(Breaker.State.CLOSED);
    }

    @Test
    void retryAfter_isWaitedFor() throws InterruptedException {
        fail(2);
        breaker.failed(Duration.ofSeconds(7));
        now.addAndGet(Duration.ofSeconds(7).toNanos());
        AtomicInteger probes = new AtomicInteger();
        Thread waiting = pass(probes);
        while (waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(probes).hasValue(0);
        waiting.interrupt();
        waiting.join();
    }

    @Test
    void retryAfterOfAProbe_isWaitedFor() throws InterruptedException {
        fail(3);
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        AtomicInteger probes = new AtomicInteger();
        Thread waiting = new Thread(() -> {
            try {
                breaker.pass(() -> {
                    probes.incrementAndGet();
                    return Optional.of(Duration.ofMinutes(2));
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        waiting.start();
        while (probes.get() == 0 || waiting.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        now.addAndGet(Duration.ofMinutes(1).toNanos()); // More than it would wait by itself.
        AtomicInteger others = new AtomicInteger();
        Thread other = pass(others);
        while (other.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertThat(probes).hasValue(1);
        assertThat(others).hasValue(0);
        waiting.interrupt();
        other.interrupt();
        waiting.join();
        other.join();
    }

    @Test
    void thoseThatCannotWait_areTold_andTheFirstFailureAfterThePauseOpensItAgain() {
        assertThat(breaker.left()).isZero();
        fail(3);
        assertThat(breaker.left()).isEqualTo(Duration.ofMillis(500));
        now.addAndGet(Duration.ofMillis(500).toNanos());
        assertThat(breaker.left()).isZero();

        fail(1);
        assertThat(breaker.left()).isEqualTo(Duration.ofSeconds(1));
        now.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(breaker.left()).isZero();
        breaker.succeeded();
        fail(2);
        assertThat(breaker.left()).isZero();
    }

    @Test
    void manyThatWait_sendOneProbe() throws InterruptedException {
        fail(3);
        now.addAndGet(Duration.ofMinutes(1).toNanos());
        AtomicInteger probes = new AtomicInteger();
        CountDownLatch go = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread thread = new Thread(() -> {
                try {
                    breaker.pass(() -> {
                        probes.incrementAndGet();
                        try {
                            return go.await(20, java.util.concurrent.TimeUnit.SECONDS)
                                    ? Optional.empty()
                                    : Optional.of(Duration.ZERO);
                        } catch (InterruptedException e) {
                            return Optional.of(Duration.ZERO);
                        }
                    });
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            thread.start();
            threads.add(thread);
        }
        while (threads.stream()
                .anyMatch(thread ->
                        thread.getState() == Thread.State.RUNNABLE || thread.getState() == Thread.State.NEW)) {
            Thread.onSpinWait();
        }
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(probes).hasValue(1);
    }

    private Thread pass(AtomicInteger probes) {
        Thread thread = new Thread(() -> {
            try {
                breaker.pass(() -> probes.incrementAndGet() > 0 ? Optional.empty() : Optional.of(Duration.ZERO));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        return thread;
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.failed(Duration.ZERO);
        }
    }
}
