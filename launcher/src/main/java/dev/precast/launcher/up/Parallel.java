package dev.precast.launcher.up;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Steps that run beside each other. */
final class Parallel implements AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "precast-start");
        thread.setDaemon(true);
        return thread;
    });

    /** The outcome of a step, to be waited for. */
    static final class Step<T> {
        private final Future<T> future;

        private Step(Future<T> future) {
            this.future = future;
        }

        /** Throws what the step threw. */
        T get() throws Exception {
            try {
                return future.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Exception cause) {
                    throw cause;
                }
                throw e;
            }
        }
    }

    <T> Step<T> run(Callable<T> work) {
        return new Step<>(threads.submit(work));
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
