package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    /** From one look at the clock to the next: the patience is three of them. */
    private static final Duration TICK = Duration.ofSeconds(20);

    private long nanos;

    @Test
    void awaitRoles_goesOnWhileSomethingMoves() throws Exception {
        Asked filling = new Asked(i -> i < 20 ? Health.notReady("filling, " + i + " of 20") : Health.ready("filled"));
        Readiness.awaitRoles(List.of(filling), role -> false, this::tick);

        assertThat(filling.asked).isGreaterThan(20);
    }

    @Test
    void awaitRoles_givesUpWhenNothingMoves_evenIfReadyRolesSayOtherThings() {
        Asked stuck = new Asked(i -> Health.notReady("stuck"));
        Asked busy = new Asked(i -> Health.ready(i + " tags to read"));

        assertThatThrownBy(() -> Readiness.awaitRoles(List.of(stuck, busy), role -> false, this::tick))
                .isInstanceOf(IOException.class)
                .hasMessage("The asked role is not ready: stuck.");
    }

    @Test
    void awaitRoles_doesNotWaitForOneThatIsExcused() throws Exception {
        Asked stuck = new Asked(i -> Health.notReady("cannot sign"));
        Readiness.awaitRoles(List.of(stuck), role -> true, this::tick);

        assertThatThrownBy(() -> Readiness.awaitRoles(
                        List.of(new Asked(i -> Health.dead("it ended"))), role -> role == stuck, this::tick))
                .hasMessageContaining("it ended");
    }

    private long tick() {
        return nanos += TICK.toNanos();
    }

    /** Says something else each time that it is asked. */
    private static final class Asked implements Role {
        private final IntFunction<Health> answers;
        private int asked;

        Asked(IntFunction<Health> answers) {
            this.answers = answers;
        }

        @Override
        public String name() {
            return "asked";
        }

        @Override
        public void start() {
            // Nothing to start.
        }

        @Override
        public Health health() {
            return answers.apply(asked++);
        }

        @Override
        public void close() {
            // Nothing to end.
        }
    }
}
