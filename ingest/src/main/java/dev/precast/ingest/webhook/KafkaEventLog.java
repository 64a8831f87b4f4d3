package dev.precast.ingest.webhook;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/** Hints and dead letters in their topics. Thread-safe. */
public final class KafkaEventLog implements EventLog, AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(15);

    private final Producer<String, Object> producer;
    private final int partitions;

    private final LongSupplier nanoTime;

    KafkaEventLog(Producer<String, Object> producer, int partitions, LongSupplier nanoTime) {
        this.producer = producer;
        this.partitions = partitions;
        this.nanoTime = nanoTime;
    }

    /**
     * Connects.
     *
     * @param ackTimeout what callers wait for; nothing is kept back for much longer, because the registry repeats itself
     * @throws KafkaException if the cluster cannot be reached or lacks the topics
     */
    public static KafkaEventLog open(KafkaConfig config, Duration ackTimeout) {
        Properties properties = config.producerProperties("precast-ingest-events");
        int request = (int) Math.max(500, ackTimeout.toMillis());
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, request);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * request);
        properties.put(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 50);
        properties.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ackTimeout.toMillis() / 2);
        KafkaProducer<String, Object> producer = new KafkaProducer<>(
                properties, new StringSerializer(), (topic, value) -> dev.precast.schemas.json.RecordJson.write(value));
        try {
            long deadline = System.nanoTime() + START_PATIENCE.toNanos();
            partitions(producer, TopicCatalogue.DEAD_LETTERS.name(), deadline);
            return new KafkaEventLog(
                    producer, partitions(producer, TopicCatalogue.HINTS.name(), deadline), System::nanoTime);
        } catch (KafkaException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Asked with patience, once, so that the first event finds everything known. Partition counts never change silently. */
    private static int partitions(Producer<?, ?> producer, String topic, long deadline) {
        while (true) {
            try {
                return producer.partitionsFor(topic).size();
            } catch (org.apache.kafka.common.errors.TimeoutException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void append(List<Hint> hints, List<DeadLetter> deadLetters, Duration within) throws NotPersistedException {
        long deadline = nanoTime.getAsLong() + within.toNanos();
        List<ProducerRecord<String, Object>> records = new ArrayList<>(hints.size() + deadLetters.size());
        hints.forEach(hint -> records.add(new ProducerRecord<>(
                TopicCatalogue.HINTS.name(),
                TopicCatalogue.partition(hint.repository(), partitions),
                hint.repository(),
                hint)));
        deadLetters.forEach(letter ->
                records.add(new ProducerRecord<>(TopicCatalogue.DEAD_LETTERS.name(), letter.source(), letter)));
        try {
            for (Future<?> acknowledgement : send(records, deadline)) {
                acknowledgement.get(Math.max(0, deadline - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException e) {
            throw new NotPersistedException("Kafka did not acknowledge within " + within.toMillis() + " ms.");
        } catch (ExecutionException e) {
            throw new NotPersistedException("Kafka did not take the event: " + e.getCause());
        } catch (KafkaException | IllegalStateException e) {
            throw new NotPersistedException("Kafka did not take the event: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NotPersistedException("Ingest is stopping.");
        }
    }

    /** A producer that blocks does so for each record: none is begun that could take longer than there is time. */
    private List<Future<?>> send(List<ProducerRecord<String, Object>> records, long deadline)
            throws TimeoutException, ExecutionException, InterruptedException {
        List<Future<?>> acknowledgements = new ArrayList<>(records.size());
        long longest = 0;
        for (ProducerRecord<String, Object> record : records) {
            long begun = nanoTime.getAsLong();
            if (deadline - begun <= longest) {
                throw new TimeoutException();
            }
            Future<?> acknowledgement = producer.send(record);
            if (acknowledgement.isDone()) {
                acknowledgement.get(); // It failed, and so will the next ones.
            }
            acknowledgements.add(acknowledgement);
            longest = Math.max(longest, nanoTime.getAsLong() - begun);
        }
        return acknowledgements;
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(2));
    }
}
