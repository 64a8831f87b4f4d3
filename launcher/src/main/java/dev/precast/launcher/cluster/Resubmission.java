package dev.precast.launcher.cluster;

import dev.precast.ingest.webhook.EventLog;
import dev.precast.ingest.webhook.KafkaEventLog;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;

/** Hints of dead letters on their way, some hundreds at a time. For one thread. */
public final class Resubmission implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int BATCH = 500;

    private final KafkaConfig config;
    private final KafkaEventLog log;
    private final List<Hint> waiting = new ArrayList<>();
    private long count;

    Resubmission(KafkaConfig config) throws IOException {
        this.config = config;
        try {
            this.log = KafkaEventLog.open(config, PATIENCE);
        } catch (KafkaException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    public void add(List<Hint> hints) throws IOException {
        waiting.addAll(hints);
        count += hints.size();
        if (waiting.size() >= BATCH) {
            flush();
        }
    }

    /** Returns once the brokers have everything that was added. */
    public void flush() throws IOException {
        try {
            log.append(waiting, List.of(), PATIENCE);
            waiting.clear();
        } catch (EventLog.NotPersistedException e) {
            throw Cluster.unreachable(config, e);
        }
    }

    /** Hints that were added. */
    public long count() {
        return count;
    }

    @Override
    public void close() {
        log.close();
    }
}
