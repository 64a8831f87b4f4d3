package dev.precast.ingest.webhook;

import dev.precast.ingest.EventsConfig;
import dev.precast.ingest.metrics.EventMetrics;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts connections from addresses that may not connect, and says so once a minute: it may be the registry. Thread-safe. */
final class Strangers {
    private static final Logger LOG = LoggerFactory.getLogger(Strangers.class);
    private static final long QUIET = Duration.ofMinutes(1).toNanos();

    private final EventMetrics metrics;
    private final AtomicLong said = new AtomicLong(System.nanoTime() - QUIET);

    Strangers(EventMetrics metrics) {
        this.metrics = metrics;
    }

    void turnedAway(InetAddress address) {
        metrics.turnedAway();
        long before = said.get();
        long now = System.nanoTime();
        if (now - before >= QUIET && said.compareAndSet(before, now)) {
            LOG.warn(
                    "Closed a connection from {}, which is not in {}. If it is the registry, add it there.",
                    address.getHostAddress(),
                    EventsConfig.ALLOWED);
        }
    }
}
