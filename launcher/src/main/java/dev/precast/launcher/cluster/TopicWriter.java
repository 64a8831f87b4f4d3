package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes the few records of a command to a topic of one partition. */
final class TopicWriter {
    private static final int PATIENCE_MILLIS = 10_000;
    /** Where nothing was written. */
    static final long NOWHERE = -1;

    private TopicWriter() {}

    /**
     * Writes in the order of the map, and returns once the brokers have all of it.
     *
     * @return the offset of the last record, or {@link #NOWHERE} for none
     */
    static long write(KafkaConfig config, Topic<?> topic, Map<String, ?> records)
            throws IOException, InterruptedException {
        if (records.isEmpty()) {
            return NOWHERE;
        }
        Properties properties = config.producerProperties("precast-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            records.forEach((key, value) ->
                    sent.add(producer.send(new ProducerRecord<>(topic.name(), 0, key, RecordJson.write(value)))));
            long last = NOWHERE;
            for (Future<RecordMetadata> future : sent) {
                last = Math.max(last, future.get().offset());
            }
            return last;
        } catch (KafkaException | ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }
}
