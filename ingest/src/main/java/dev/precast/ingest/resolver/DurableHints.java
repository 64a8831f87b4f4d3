package dev.precast.ingest.resolver;

import dev.precast.ingest.sweep.HintSink;
import dev.precast.schemas.record.Hint;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a sweep's hints into their topic, however long the broker is away. Thread-safe. */
final class DurableHints implements HintSink {
    private static final Logger LOG = LoggerFactory.getLogger(DurableHints.class);

    private final ImageWriter writer;
    private final TagQueue queue;

    DurableHints(ImageWriter writer, TagQueue queue) {
        this.writer = writer;
        this.queue = queue;
    }

    @Override
    public void append(List<Hint> hints) throws InterruptedException {
        while (true) {
            try {
                writer.append(hints);
                return;
            } catch (ImageWriter.NotWrittenException e) {
                LOG.warn("Cannot keep what a sweep found, tried again: {}", e.getMessage());
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    @Override
    public int pending() {
        return queue.ready();
    }
}
