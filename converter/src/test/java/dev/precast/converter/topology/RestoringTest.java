package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RestoringTest {
    private static final Duration PATIENCE = Duration.ofMillis(1);
    private static final TopicPartition PARTITION = new TopicPartition("changelog", 0);

    private final Restoring restoring = new Restoring();

    @Test
    void await_goesOnWhileRecordsAreReadBack() throws InterruptedException {
        assertThat(restoring.await(new Running(5, 5), PATIENCE)).isTrue();
    }

    @Test
    void await_givesUpWhenNothingIsReadBackForSoLong() throws InterruptedException {
        assertThat(restoring.await(new Running(3, 5), PATIENCE)).isFalse();
    }

    /** Comes after some waits, in the first of which something is read back. */
    private final class Running extends CountDownLatch {
        private final int moving;
        private final int waits;
        private int waited;

        Running(int moving, int waits) {
            super(1);
            this.moving = moving;
            this.waits = waits;
        }

        @Override
        public boolean await(long timeout, TimeUnit unit) {
            if (waited < moving) {
                restoring.onBatchRestored(PARTITION, "builds", waited, 1);
            }
            return ++waited > waits;
        }
    }
}
