package dev.precast.serving.view;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.role.Health;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
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
 * {@link ViewSession}; when it ends all the same, or does not come round any more, the process is not live: whoever runs it starts
 * it again, which is the one remedy for what nobody thought of.
 */
public final class ViewReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViewReader.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration DISK_PAUSE = Duration.ofSeconds(1);
    /** Everything that the thread waits for ends within a few seconds, but for a merge of tables that holds up a write. */
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(2);

    private static final long WAKEUP_MILLIS = 1_500;
    private static final long CLOSE_MILLIS = 5_000;

    /**
     * The two clocks.
     *
     * @param clock for what outlives the process
     * @param nanoTime for what does not; only goes forward
     */
    public record Time(Clock clock, LongSupplier nanoTime) {}

    private enum After {
        GO_ON,
        REBUILD,
        REOPEN
    }

    private final KafkaConfig kafka;
    private final ManifestView view;
    private final ViewConfig config;
    private final Time time;
    private final ServingMetrics metrics;
    private final DiskSpace disk;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable ViewSession session;
    private volatile String doing = "not started";
    private volatile @Nullable Throwable cause;
    private volatile long beatAt;

    /** Does no I/O. */
    public ViewReader(KafkaConfig kafka, ManifestView view, ViewConfig config, Time time, ServingMetrics metrics) {
        this.kafka = kafka;
        this.view = view;
        this.config = config;
        this.time = time;
        this.metrics = metrics;
        this.disk = new DiskSpace(config.data(), config.diskAlertPercent(), config.diskStopPercent());
        this.thread = new Thread(this::run, "precast-view-reader");
        this.thread.setDaemon(true);
    }

    /** Opens the view and starts to fill it; returns before it has caught up. */
    public void start() throws IOException {
        view.open();
        look();
        new ViewMeters(view, disk).bind(metrics);
        doing = "connecting to Kafka at " + kafka.bootstrapServers();
        beat();
        thread.start();
    }

    /** Live while the thread runs, ready once the view has held everything that was in the topics at start. */
    public Health health() {
        Throwable reason = cause;
        boolean running = thread.getState() != Thread.State.NEW && closing.getCount() > 0;
        if (reason != null || (running && !thread.isAlive())) {
            return Health.dead("The reader of the view ended: " + reason + ". Restart the process.");
        }
        if (running && time.nanoTime().getAsLong() - beatAt > LONGEST_ROUND.toNanos()) {
            return Health.dead("The reader of the view hangs, last at: " + doing + ". Restart the process.");
        }
        String detail = "view: " + doing + disk.detail();
        boolean ready = view.ready() && disk.level() != DiskSpace.Level.STOP;
        return ready ? Health.ready(detail) : Health.notReady(detail + tooOld());
    }

    private String tooOld() {
        double age = view.ageSeconds();
        boolean limited = !config.maxStaleness().isZero()
                && age * 1000 > config.maxStaleness().toMillis();
        return limited
                ? "; it last held everything " + Math.round(age) + " s ago, longer than " + ViewConfig.MAX_STALENESS
                : "";
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

    void beat() {
        beatAt = time.nanoTime().getAsLong();
    }

    void doing(String now) {
        doing = now;
    }

    boolean closed() {
        return closing.getCount() == 0;
    }

    /** Whether the view may grow; waits a moment when it may not. */
    boolean diskHasRoom() {
        if (look() != DiskSpace.Level.STOP) {
            return true;
        }
        pause(DISK_PAUSE);
        return false;
    }

    private DiskSpace.Level look() {
        DiskSpace.Level level = disk.look();
        view.room(level);
        return level;
    }

    /** Waits; true when the reader was closed meanwhile. */
    boolean pause(Duration time) {
        try {
            return closing.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private void run() {
        try {
            feed();
        } catch (InterruptException e) {
            if (!closed()) {
                cause = e;
                LOG.error("The reader of the view was interrupted; what is served grows old. Restart the process.");
            }
        } catch (Throwable e) {
            cause = e;
            LOG.error("The reader of the view ended; what is served grows old. Restart the process.", e);
        }
    }

    private void feed() {
        Duration pause = FIRST_PAUSE;
        After after = After.GO_ON;
        while (!closed()) {
            Instant started = time.clock().instant();
            beat();
            look(); // Requests fill the disk also while there is nothing to read from Kafka.
            if (after == After.REOPEN) {
                after = reopened() ? After.GO_ON : After.REOPEN;
            }
            boolean again = after == After.REBUILD;
            if (after != After.REOPEN) {
                after = runSession(again);
            }
            boolean lasted = Duration.between(started, time.clock().instant()).compareTo(LONGEST_PAUSE) > 0;
            pause = lasted ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
            boolean atOnce = after == After.REBUILD && !again;
            if (!closed() && !atOnce && pause(pause)) {
                return;
            }
        }
    }

    /** Reads until something goes wrong or the reader is closed. */
    private After runSession(boolean rebuild) {
        try (ViewSession current = new ViewSession(kafka, view, this, metrics, time)) {
            session = current;
            if (!closed()) {
                current.run(rebuild || view.damaged());
            }
            return After.GO_ON;
        } catch (WakeupException e) {
            return After.GO_ON;
        } catch (ViewSession.LostPlaceException e) {
            return lostPlace(e.getMessage());
        } catch (OffsetOutOfRangeException e) {
            return lostPlace("its position is outside the topic (" + e.getMessage() + ")");
        } catch (DamagedViewException e) {
            return damaged(e);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            return withoutKafka(e, rebuild);
        } catch (RocksDBException e) {
            return RocksView.isCorruption(e) ? damaged(e) : cannotWrite(e);
        } catch (IOException e) {
            doing = String.valueOf(e.getMessage());
            LOG.error("Cannot open or replace the view: {}. Trying again.", e.getMessage());
            return rebuild ? After.REBUILD : After.GO_ON;
        } finally {
            session = null;
        }
    }

    private After lostPlace(@Nullable String why) {
        LOG.warn("The view is built anew from the topics, and not served until then: {}.", why);
        view.distrust();
        return After.REBUILD;
    }

    private After damaged(Exception e) {
        metrics.damaged();
        LOG.error("The view is damaged and is built anew from the topics; meanwhile each value is checked.", e);
        view.markDamaged();
        return After.REBUILD;
    }

    private After withoutKafka(KafkaException e, boolean rebuild) {
        LOG.warn("Cannot read the topics of the view: {}. Trying again.", e.toString());
        if (config.startStale() && !rebuild && Double.isNaN(view.ageSeconds())) {
            serveWhatWasLeft();
        }
        doing = "waiting for Kafka: " + e.getMessage();
        return rebuild ? After.REBUILD : After.GO_ON;
    }

    /** The other half of the time is for Kafka to come back before tombstones are lost. */
    private void serveWhatWasLeft() {
        try {
            ViewPosition position = view.current().position();
            Optional<Instant> fullAt = position.fullAt();
            Duration age = fullAt.map(at -> Duration.between(at, time.clock().instant()))
                    .orElse(Duration.ZERO);
            if (fullAt.isPresent() && age.compareTo(ViewTopics.known(position).dividedBy(2)) < 0) {
                LOG.warn("Serving what the last run left, which held everything {} s ago.", age.toSeconds());
                view.markFull(time.nanoTime().getAsLong() - age.toNanos());
            }
        } catch (DamagedViewException e) {
            LOG.error("What the last run left is not served: {}", e.getMessage());
        }
    }

    private After cannotWrite(RocksDBException e) {
        doing = "cannot write the view: " + e.getMessage();
        LOG.error("Cannot write the view: {}. Check the disk; trying again.", e.getMessage());
        return After.REOPEN;
    }

    /** After a failed write RocksDB goes on only when it is opened anew; that needs room itself, and reading does not. */
    private boolean reopened() {
        if (!diskHasRoom()) {
            return false;
        }
        try {
            view.reopen();
            return true;
        } catch (IOException e) {
            doing = String.valueOf(e.getMessage());
            LOG.error("Cannot open the view again: {} Trying again.", e.getMessage());
            return false;
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
