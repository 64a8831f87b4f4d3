package dev.precast.converter;

import dev.precast.converter.keys.HeldKeys;
import dev.precast.converter.keys.KeySource;
import dev.precast.converter.topology.ConverterStreams;
import dev.precast.converter.topology.KeyTable;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.WalkReport;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the key files a few times a second, says what is new of them, and writes how far the walks are and which records
 * could not be read. What fails is tried again at the next look.
 */
final class ConverterWatch implements AutoCloseable {
    private static final long EVERY_MILLIS = 250;
    private static final Logger LOG = LoggerFactory.getLogger(ConverterWatch.class);

    private final KeySource source;
    private final StateWriter writer;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread looking = new Thread(task, "precast-converter-watch");
        looking.setDaemon(true);
        return looking;
    });
    private String lastSaid = "";

    ConverterWatch(KeySource source, StateWriter writer, Clock clock) {
        this.source = source;
        this.writer = writer;
        this.clock = clock;
    }

    void start(ConverterStreams streams, KeyTable keys) {
        // A look catches what fails in it, so nothing is lost with what this gives back.
        Future<?> unused =
                thread.scheduleWithFixedDelay(() -> look(streams, keys), 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Returns when the last look has ended, or after a second. */
    void stop() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(1, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            thread.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        writer.close();
    }

    private void look(ConverterStreams streams, KeyTable keys) {
        try {
            Optional<HeldKeys> changed = source.readIfChanged();
            changed.ifPresent(held -> hold(keys, held));
            say(streams.signing(clock.instant()));
            if (!writer.announce(keys.held(), keys.ring(), clock.instant()).isEmpty()) {
                LOG.info("Announced keys: {}", keys.held().byId().keySet());
            }
            for (WalkReport report : streams.news()) {
                writer.report(report);
                streams.told(report);
            }
            for (DeadLetter letter : streams.unread()) {
                keep(streams, letter);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | KafkaException e) {
            LOG.debug("Cannot write to Kafka yet: {}", e.toString());
        } catch (RuntimeException e) {
            LOG.error("Cannot look at the keys; trying again", e);
        }
    }

    private void keep(ConverterStreams streams, DeadLetter letter) throws InterruptedException {
        try {
            writer.letter(letter);
        } catch (ExecutionException | KafkaException e) {
            LOG.debug("Cannot write a dead letter yet: {}", e.toString());
            streams.unwritten(letter);
        }
    }

    private static void hold(KeyTable keys, HeldKeys held) {
        keys.hold(held);
        LOG.info("Keys at hand: {}", held.byId().keySet());
        held.faults().forEach(LOG::warn);
    }

    private void say(String signing) {
        if (!signing.equals(lastSaid)) {
            lastSaid = signing;
            LOG.info("The converter is {}", signing);
        }
    }
}
