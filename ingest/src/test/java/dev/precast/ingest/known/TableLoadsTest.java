package dev.precast.ingest.known;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableLoadsTest {
    private final TableLoads loads = new TableLoads();

    @Test
    void partition_isLoadedOnceItIsRead() {
        loads.assigned(List.of(1, 2));
        assertThat(loads.begin()).containsExactlyInAnyOrder(1, 2);
        assertThat(loads.loaded()).isEmpty();

        assertThat(loads.end()).containsExactlyInAnyOrder(1, 2);
        assertThat(loads.loaded()).containsExactlyInAnyOrder(1, 2);
        assertThat(loads.begin()).isEmpty();
    }

    @Test
    void partitionThatGoesAndComesBackWhileItIsRead_isReadAnew() {
        loads.assigned(List.of(1, 2));
        loads.begin();
        loads.revoked(List.of(2));
        loads.assigned(List.of(2));

        assertThat(loads.end()).containsExactly(1);
        assertThat(loads.begin()).containsExactly(2);
        assertThat(loads.end()).containsExactly(2);
    }

    @Test
    void partitionThatComesWhileOthersAreRead_isNext() {
        loads.assigned(List.of(1));
        loads.begin();
        loads.assigned(List.of(2));

        assertThat(loads.end()).containsExactly(1);
        assertThat(loads.begin()).containsExactly(2);
    }

    @Test
    void readingThatWasGivenUp_isBegunAnew() {
        loads.assigned(List.of(1));
        loads.begin();

        assertThat(loads.begin()).containsExactly(1);
        assertThat(loads.end()).containsExactly(1);
    }
}
