package dev.precast.converter.topology;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/** Counts what is read back into the stores, to tell a start that takes long from one that stands still. Thread-safe. */
final class Restoring implements StateRestoreListener {
    private final AtomicLong records = new AtomicLong();

    /**
     * Waits for as long as something is read back.
     *
     * @param patience for which nothing may be
     * @return whether {@code running} came
     */
    boolean await(CountDownLatch running, Duration patience) throws InterruptedException {
        long before = records.get();
        while (!running.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            long now = records.get();
            if (now == before) {
                return false;
            }
            before = now;
        }
        return true;
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long batchEndOffset, long restored) {
        records.addAndGet(restored);
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long startingOffset, long endingOffset) {
        // Nothing is read back by it yet.
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long totalRestored) {
        // The batches were counted.
    }
}
