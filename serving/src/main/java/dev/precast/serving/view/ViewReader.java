package dev.precast.serving.view;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that feeds the view. It outlives the loss of brokers, unreadable records and full disks by starting a new
 * {@link ViewSession}; when it ends all the same, the process is not live any more.
 */
public final class ViewReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewReader.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final long WAKEUP_MILLIS = 1_500;
    private static final long CLOSE_MILLIS = 5_000;

    private final KafkaConfig kafka;
    private final ManifestView view;
    private final Clock clock;
    private final ServingMetrics metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable ViewSession session;
    private volatile @Nullable Instant caughtUpAt;
    private volatile String doing = "not started";
    private volatile @Nullable Throwable cause;

    /** Does no I/O. */
    public ViewReader(KafkaConfig kafka, ManifestView view, Clock clock, ServingMetrics metrics) {
        this.kafka = kafka;
        this.view = view;
        this.clock = clock;
        this.metrics = metrics;
        this.thread = new Thread(this::run, "precast-view-reader");
        this.thread.setDaemon(true);
    }

    /** Opens the view and starts to fill it; returns before it has caught up. */
    public void start() throws IOException {
        view.open();
        metrics.viewAge(this::ageSeconds);
        doing = "connecting to Kafka at " + kafka.bootstrapServers();
        thread.start();
    }

    /** Live while the thread runs, ready once the view has held everything that was in the topics at start. */
    public Health health() {
        Throwable reason = cause;
        if (reason != null || (!thread.isAlive() && closing.getCount() > 0 && thread.getState() != Thread.State.NEW)) {
            return Health.dead("The reader of the view ended: " + reason + ". Restart the process.");
        }
        return view.ready() ? Health.ready("view: " + doing) : Health.notReady("view: " + doing);
    }

    @Override
    public void close() {
        closing.countDown();
        ViewSession running = session;
        if (running != null) {
            running.wakeup();
        }
        try {
            thread.join(WAKEUP_MILLIS);
            thread.interrupt(); // Not everything that waits for Kafka can be woken up.
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            // RocksDB must not be closed under a writer: better to leave it to the end of the process.
            LOG.warn("The reader of the view did not end within {} ms; its files stay open.", CLOSE_MILLIS);
            return;
        }
        view.close();
    }

    void caughtUp(Instant at, String now) {
        caughtUpAt = at;
        doing = now;
        view.markReady();
    }

    void doing(String now) {
        doing = now;
    }

    boolean closed() {
        return closing.getCount() == 0;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        boolean rebuild = false;
        try {
            while (!closed()) {
                Instant started = clock.instant();
                rebuild = runSession(rebuild);
                boolean lasted = Duration.between(started, clock.instant()).compareTo(LONGEST_PAUSE) > 0;
                pause = lasted ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
                if (!closed() && !rebuild && closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException | InterruptException e) {
            if (!closed()) {
                cause = e;
                LOG.error("The reader of the view was interrupted; what is served grows old. Restart the process.");
            }
        } catch (Throwable e) {
            cause = e;
            LOG.error("The reader of the view ended; what is served grows old. Restart the process.", e);
        }
    }

    /** Reads until something goes wrong or the reader is closed; answers whether the view must be built anew. */
    private boolean runSession(boolean rebuild) {
        try (ViewSession current = new ViewSession(kafka, view, this, metrics, clock)) {
            session = current;
            if (!closed()) {
                current.run(rebuild || view.damaged());
            }
            return false;
        } catch (WakeupException e) {
            return false;
        } catch (ViewSession.TopicChangedException e) {
            LOG.warn("{}", e.getMessage());
            return false; // The next session compares the topics with the view and decides.
        } catch (OffsetOutOfRangeException e) {
            LOG.warn("The view is built anew: its position is outside the topic ({}).", e.getMessage());
            return true;
        } catch (DamagedViewException e) {
            metrics.damaged();
            LOG.error("The view is damaged and is built anew from the topics.", e);
            view.markDamaged();
            return true;
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            doing = "waiting for Kafka: " + e.getMessage();
            LOG.warn("Cannot read the topics of the view: {}. Trying again.", e.toString());
            return rebuild;
        } catch (RocksDBException e) {
            return recover(e);
        } catch (IOException e) {
            doing = String.valueOf(e.getMessage());
            LOG.error("Cannot open or replace the view: {}. Trying again.", e.getMessage());
            return rebuild;
        } finally {
            session = null;
        }
    }

    private boolean recover(RocksDBException e) {
        if (RocksView.isCorruption(e)) {
            LOG.error("The view is damaged and is built anew from the topics.", e);
            view.markDamaged();
            return true;
        }
        doing = "cannot write the view: " + e.getMessage();
        LOG.error("Cannot write the view: {}. Check the disk; trying again.", e.getMessage());
        view.suspend();
        return false;
    }

    private Number ageSeconds() {
        Instant at = caughtUpAt;
        return at == null ? Double.NaN : Duration.between(at, clock.instant()).toMillis() / 1000.0;
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
