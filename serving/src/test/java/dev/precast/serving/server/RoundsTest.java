package dev.precast.serving.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final Set<Integer> all = ConcurrentHashMap.newKeySet();
    private final Rounds<Integer> rounds = new Rounds<>(all, 20);
    private final List<Integer> seen = new ArrayList<>();

    @Test
    void round_seesEachOnce_fewAtATime() {
        IntStream.range(0, 1_000).forEach(all::add);

        for (int i = 1; i <= 20; i++) {
            rounds.step(seen::add);
            assertThat(seen).hasSize(50 * i);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(all);
        rounds.step(seen::add);
        assertThat(seen).hasSize(1_050);
    }

    @Test
    void few_areSeenOneAtATime() {
        all.addAll(List.of(1, 2, 3));

        rounds.step(seen::add);
        rounds.step(seen::add);
        rounds.step(seen::add);
        rounds.step(seen::add);

        assertThat(seen).hasSize(4).containsAll(all);
    }

    @Test
    void lookThatRemoves_missesNobody() {
        IntStream.range(0, 1_000).forEach(all::add);

        for (int i = 0; i < 1_000 && !all.isEmpty(); i++) {
            rounds.step(one -> {
                seen.add(one);
                all.remove(one);
            });
        }
        assertThat(seen).hasSize(1_000).doesNotHaveDuplicates();
    }

    @Test
    void nothing_isNoMatter() {
        rounds.step(seen::add);
        assertThat(seen).isEmpty();
        all.add(7);
        rounds.step(seen::add);
        assertThat(seen).containsExactly(7);
    }
}
