package dev.precast.converter;

import dev.precast.converter.keys.HeldKeys;
import dev.precast.converter.keys.KeyAnnouncement;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.WalkReport;
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

/** Writes what a converter says besides variants: the public halves of its keys, and how far its walks are. Thread-safe. */
final class StateWriter implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 10_000;

    private final KafkaProducer<String, byte[]> producer;

    StateWriter(KafkaConfig kafka) {
        Properties properties = kafka.producerProperties("precast-converter-state");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Says what is to be said of the held keys, and waits until the brokers have it.
     *
     * @return the records written, by record key; empty when all was known
     */
    Map<String, SigningKeyRecord> announce(HeldKeys held, KeyRing ring, Instant now)
            throws InterruptedException, ExecutionException {
        Map<String, SigningKeyRecord> records = KeyAnnouncement.of(held, ring, now);
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

    private Future<?> send(Topic<?> topic, String key, Object value) {
        return producer.send(new ProducerRecord<>(topic.name(), 0, key, RecordJson.write(value)));
    }

    @Override
    public void close() {
        producer.close(java.time.Duration.ofSeconds(1));
    }
}
