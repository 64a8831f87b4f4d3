package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairLanesTest {
    @Test
    void lanes_takeTurns() {
        FairLanes<String> lanes = new FairLanes<>(100);
        IntStream.range(0, 5).forEach(i -> lanes.add("hot", "hot" + i));
        lanes.add("cold", "cold0");
        lanes.add("cool", "cool0");

        assertThat(List.of(take(lanes), take(lanes), take(lanes), take(lanes)))
                .containsExactly("hot0", "cold0", "cool0", "hot1");
    }

    @Test
    void lane_runsNoMoreThanItMay() {
        FairLanes<String> lanes = new FairLanes<>(2);
        IntStream.range(0, 4).forEach(i -> lanes.add("hot", "hot" + i));

        assertThat(List.of(take(lanes), take(lanes))).containsExactly("hot0", "hot1");
        assertThat(lanes.take()).isNull();

        lanes.done("hot");
        assertThat(lanes.take()).isEqualTo("hot2");
        assertThat(lanes.take()).isNull();
    }

    @Test
    void randomWork_isAllDone_andNeverTooMuchAtOnce() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FairLanes<String> lanes = new FairLanes<>(3);
        Map<String, Integer> running = new HashMap<>();
        List<String> started = new ArrayList<>();
        int added = 0;
        for (int step = 0; step < 10_000; step++) {
            String lane = "lane" + random.nextInt(7);
            if (random.nextInt(3) == 0) {
                lanes.add(lane, lane);
                added++;
            } else if (random.nextBoolean()) {
                String work = lanes.take();
                if (work != null) {
                    started.add(work);
                    running.merge(work, 1, Integer::sum);
                }
            } else if (running.getOrDefault(lane, 0) > 0) {
                running.merge(lane, -1, Integer::sum);
                lanes.done(lane);
            }
            assertThat(running.values()).as("seed %d", seed).allMatch(count -> count <= 3);
        }
        while (started.size() < added) {
            String work = lanes.take();
            if (work == null) {
                String lane = running.entrySet().stream()
                        .filter(e -> e.getValue() > 0)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError("stuck, seed " + seed))
                        .getKey();
                running.merge(lane, -1, Integer::sum);
                lanes.done(lane);
            } else {
                started.add(work);
                running.merge(work, 1, Integer::sum);
            }
        }
        assertThat(lanes.take()).as("seed %d", seed).isNull();
    }

    private static String take(FairLanes<String> lanes) {
        String work = lanes.take();
        assertThat(work).isNotNull();
        return String.valueOf(work);
    }
}
