package dev.precast.broker;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The parent's side: a broker in a JVM of its own, started with this JVM's class path and watched. The child's standard input
 * is held open, so that it ends when this process does, even by {@code kill -9}. A child that dies by itself is said so and
 * started again on the same port. Thread-safe.
 */
public final class BrokerProcess implements AutoCloseable {
    private static final int RESTARTS_IN_A_ROW = 3;

    private final BrokerSettings settings;
    private final Consumer<String> notices;
    private @Nullable BrokerChild child;
    private @Nullable Thread watch;
    private boolean closed;

    /** @param notices takes sentences for the operator when the broker dies unexpectedly; called from another thread */
    public BrokerProcess(BrokerSettings settings, Consumer<String> notices) {
        this.settings = settings;
        this.notices = notices;
    }

    /**
     * Returns once the broker takes connections.
     *
     * @throws BrokerException if it does not start, saying why, with the end of its log
     */
    public void start() throws IOException, InterruptedException {
        // Not under the lock: whoever closes need not wait for the start.
        BrokerChild first = BrokerChild.start(settings, settings.port());
        if (!adopted(first)) {
            first.end();
            throw new BrokerException("The broker was stopped while it started.");
        }
        Thread thread = new Thread(this::watch, "broker-watch");
        thread.setDaemon(true);
        synchronized (this) {
            watch = thread;
        }
        thread.start();
    }

    /** {@code 127.0.0.1:port}; the same for as long as this object lives. */
    public synchronized String bootstrapServers() {
        return started().address();
    }

    public synchronized boolean alive() {
        return child != null && child.process().isAlive();
    }

    /** Of the child that runs now. */
    public synchronized long pid() {
        return started().process().pid();
    }

    /** Ends the child in order, within 4 seconds; one that does not end is killed. */
    @Override
    public void close() {
        BrokerChild last;
        synchronized (this) {
            closed = true;
            last = child;
            if (watch != null) {
                watch.interrupt();
            }
        }
        if (last != null) {
            last.end();
        }
    }

    private synchronized BrokerChild started() {
        return Objects.requireNonNull(child, "the broker has not been started");
    }

    private void watch() {
        try {
            while (true) {
                int code = started().process().waitFor();
                if (isClosed()) {
                    return;
                }
                notices.accept("The broker ended unexpectedly (exit code " + code + "); starting it again.");
                if (!restart()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the broker runs again. */
    private boolean restart() throws InterruptedException {
        int port = started().port();
        for (int attempt = 1; attempt <= RESTARTS_IN_A_ROW && !isClosed(); attempt++) {
            try {
                BrokerChild again = BrokerChild.start(settings, port);
                if (adopted(again)) {
                    notices.accept("The broker runs again at " + again.address() + ".");
                    return true;
                }
                again.end();
                return false;
            } catch (IOException e) {
                notices.accept(Objects.requireNonNullElse(e.getMessage(), e.toString()));
                TimeUnit.SECONDS.sleep(attempt);
            }
        }
        if (!isClosed()) {
            notices.accept("The broker does not start again. Restart Precast once the cause above is mended.");
        }
        return false;
    }

    private synchronized boolean adopted(BrokerChild again) {
        if (closed) {
            return false;
        }
        child = again;
        return true;
    }

    private synchronized boolean isClosed() {
        return closed;
    }
}
