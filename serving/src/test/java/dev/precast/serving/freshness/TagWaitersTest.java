package dev.precast.serving.freshness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TagWaitersTest {
    private static final long LONG = Duration.ofSeconds(60).toNanos();

    private final TagWaiters waiters = new TagWaiters(8);

    @Test
    void changeAfterTheMark_isNeverMissed() throws Exception {
        try (TagWaiters.Place place = waiters.enter("a:v1").orElseThrow()) {
            long mark = place.mark();
            waiters.changed(List.of("b:v1", "a:v1"));
            assertThat(place.await(mark, LONG)).isTrue();
            assertThat(place.await(place.mark(), 1)).isFalse();
            waiters.everythingChanged();
            assertThat(place.await(mark, LONG)).isTrue();
        }
    }

    @Test
    void enter_isBounded() {
        List<TagWaiters.Place> places = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            places.add(waiters.enter("a:v" + i % 2).orElseThrow());
        }
        assertThat(waiters.enter("a:v1")).isEmpty();
        assertThat(waiters.size()).isEqualTo(2);
        places.forEach(TagWaiters.Place::close);
        assertThat(waiters.size()).isZero();
        assertThat(waiters.enter("a:v1")).isPresent();
    }

    @Test
    void manyThreads_allWoken() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 200; round++) {
                AtomicInteger value = new AtomicInteger();
                List<Future<Boolean>> woken = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    woken.add(threads.submit(() -> seesOne(value)));
                }
                for (int spin = random.nextInt(2_000); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                value.set(1);
                waiters.changed(List.of("a:v1"));
                for (Future<Boolean> each : woken) {
                    assertThat(each.get()).as("round %d, seed %d", round, seed).isTrue();
                }
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(waiters.size()).isZero();
    }

    private boolean seesOne(AtomicInteger value) throws InterruptedException {
        try (TagWaiters.Place place = waiters.enter("a:v1").orElseThrow()) {
            while (true) {
                long mark = place.mark();
                if (value.get() == 1) {
                    return true;
                }
                if (!place.await(mark, LONG)) {
                    return false;
                }
            }
        }
    }
}
