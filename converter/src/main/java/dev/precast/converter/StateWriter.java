package dev.precast.converter;

import dev.precast.converter.keys.HeldKeys;
import dev.precast.converter.keys.KeyAnnouncement;
import dev.precast.converter.keys.KeyTopic;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.role.Pulse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes what a converter says besides variants: the public halves of its keys, how far its walks are, and what it could not read.
 * Thread-safe.
 */
final class StateWriter implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final KafkaConfig kafka;
    private final KafkaProducer<String, byte[]> producer;
    private final Pulse pulse = new Pulse(System::nanoTime);

    StateWriter(KafkaConfig kafka) {
        this.kafka = kafka;
        Properties properties = kafka.producerProperties("precast-converter-state");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Says what is to be said of the held keys, and waits until the brokers have it. What was read of the states may be old by now,
     * and a first key must not become active over what an operator has said since: they are read again right before. Says nothing
     * when the process stood still meanwhile; whoever asks again says it then.
     *
     * @return the records written, by record key; empty when all was known
     */
    Map<String, SigningKeyRecord> announce(HeldKeys held, KeyRing ring, Instant now)
            throws InterruptedException, ExecutionException {
        if (KeyAnnouncement.of(held, ring, now).isEmpty()) {
            return Map.of();
        }
        int standstills = pulse.standstills();
        Map<String, SigningKeyRecord> records = KeyAnnouncement.of(held, KeyTopic.read(kafka), now);
        if (pulse.standstills() != standstills) {
            return Map.of();
        }
        List<Future<?>> sent = new ArrayList<>();
        records.forEach((key, record) -> sent.add(send(TopicCatalogue.KEYS, key, record)));
        for (Future<?> future : sent) {
            future.get();
        }
        return records;
    }

    /** Writes a report, and waits until the brokers have it. */
    void report(WalkReport report) throws InterruptedException, ExecutionException {
        send(TopicCatalogue.WALKS, RecordKeys.walkReport(report.partition()), report)
                .get();
    }

    /** Writes a dead letter, and waits until the brokers have it. */
    void letter(DeadLetter letter) throws InterruptedException, ExecutionException {
        send(TopicCatalogue.DEAD_LETTERS, letter.source(), letter).get();
    }

    private Future<?> send(Topic<?> topic, String key, Object value) {
        return producer.send(new ProducerRecord<>(topic.name(), 0, key, RecordJson.write(value)));
    }

    @Override
    public void close() {
        producer.close(java.time.Duration.ofSeconds(1));
    }
}
