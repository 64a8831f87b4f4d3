package dev.precast.launcher.up;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been started, to be ended in the reverse order. Thread-safe. */
final class Ending {
    private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
    /** Of 5 s in all, unless serving may take longer: the broker may take the rest. */
    private static final Duration LEAST_PATIENCE = Duration.ofMillis(3_500);

    private static final Duration AFTER_DRAIN = Duration.ofMillis(500);

    private final Deque<Part> parts = new ArrayDeque<>();
    private boolean begun;

    private record Part(String name, AutoCloseable closeable) {}

    /** Returns {@code part}, to be closed at the end; at once when the end has begun. */
    synchronized <T extends AutoCloseable> T add(String name, T part) {
        if (begun) {
            close(new Part(name, part));
            throw new IllegalStateException("Stopped while starting.");
        }
        parts.push(new Part(name, part));
        return part;
    }

    /**
     * Parts that end beside each other, since each may wait for Kafka.
     *
     * @param patience with which they are waited for
     */
    void addTogether(List<? extends AutoCloseable> together, Duration patience) {
        add("roles", () -> closeTogether(together, patience));
    }

    /** @param drain for how long serving may finish requests that are under way */
    static Duration patience(Duration drain) {
        Duration wanted = drain.plus(AFTER_DRAIN);
        return wanted.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : wanted;
    }

    synchronized boolean begun() {
        return begun;
    }

    /** A second caller waits until the first is done. */
    synchronized void run() {
        begun = true;
        while (!parts.isEmpty()) {
            close(parts.pop());
        }
    }

    private static void closeTogether(List<? extends AutoCloseable> together, Duration patience)
            throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, together.size()), task -> {
            Thread thread = new Thread(task, "precast-end");
            thread.setDaemon(true);
            return thread;
        });
        together.forEach(
                part -> threads.execute(() -> close(new Part(part.getClass().getSimpleName(), part))));
        threads.shutdown();
        if (!threads.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.warn("A role did not end within {} ms", patience.toMillis());
        }
    }

    private static void close(Part part) {
        long before = System.nanoTime();
        try {
            part.closeable().close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.warn("The {} did not end in order: {}", part.name(), e.toString());
        }
        LOG.debug("{} ended in {} ms", part.name(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
    }
}
