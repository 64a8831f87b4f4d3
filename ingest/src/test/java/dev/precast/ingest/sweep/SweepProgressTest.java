package dev.precast.ingest.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.ResolverState;
import org.junit.jupiter.api.Test;

class SweepProgressTest {
    private static final ResolverState.Sweep HALF =
            new ResolverState.Sweep(4, 2, 40, 21, 3, false, 17L, "library/hello", 1);

    private final SweepProgress progress = new SweepProgress();

    @Test
    void request_isGoneOnWith_whereTheProcessBeforeWas() {
        progress.resume(1, HALF);

        assertThat(progress.of(1)).contains(HALF);
        assertThat(progress.doneUpTo(1, 17)).contains("library/hello");
        SweepProgress.Part part = progress.begin(1, 17L, 2, 20);
        part.listed(5);
        part.compared(true);
        part.unread();
        part.done("team/app");
        assertThat(progress.of(1)).contains(new ResolverState.Sweep(4, 3, 46, 22, 4, false, 17L, "team/app", 2));
    }

    @Test
    void newerRequest_beginsAnew() {
        progress.resume(1, HALF);

        assertThat(progress.doneUpTo(1, 18)).isEmpty();
        progress.begin(1, 18L, 4, 40);
        assertThat(progress.of(1)).contains(new ResolverState.Sweep(4, 0, 40, 0, 0, false, 18L, null, 0));
    }

    @Test
    void sweepThatHasEnded_orOfSingleRepositories_isNotGoneOnWith() {
        progress.begin(1, 17L, 1, 1).done("a");
        SweepProgress.Part again = progress.begin(1, 17L, 0, 0);
        again.end();
        progress.begin(2, null, 1, 1).done("a");

        assertThat(progress.doneUpTo(1, 17)).isEmpty();
        assertThat(progress.doneUpTo(2, 17)).isEmpty();
        assertThat(progress.doneUpTo(3, 17)).isEmpty();
    }

    /** The partition was lost and came back: what the process between did counts, and what ours still does does not. */
    @Test
    void sweepThatOutlivesItsPartition_movesNothing() {
        SweepProgress.Part old = progress.begin(1, 17L, 4, 40);
        progress.resume(1, HALF);
        old.done("zoo/last");
        old.end();

        assertThat(progress.of(1)).contains(HALF);
    }
}
