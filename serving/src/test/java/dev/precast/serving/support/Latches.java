package dev.precast.serving.support;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** For what an upstream does only once the test has come so far. */
public final class Latches {
    private static final int SECONDS = 60;

    private Latches() {}

    /** Waits until it is counted down; not for ever, so that a test that failed ends. */
    public static void hold(CountDownLatch latch) throws IOException {
        try {
            if (!latch.await(SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("Nobody counted the latch down within " + SECONDS + " s.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while it waited for a latch.", e);
        }
    }
}
