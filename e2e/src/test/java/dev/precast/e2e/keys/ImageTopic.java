package dev.precast.e2e.keys;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes image records in place of ingest. Thread-safe. */
final class ImageTopic implements AutoCloseable {
    private final KafkaProducer<String, ImageRecord> producer;
    private final int partitions;

    ImageTopic(KafkaConfig kafka) {
        Properties properties = kafka.producerProperties("e2e-images");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        producer = new KafkaProducer<>(
                properties,
                new StringSerializer(),
                TopicCatalogue.IMAGES.valueSerde().serializer());
        partitions = producer.partitionsFor(TopicCatalogue.IMAGES.name()).size();
    }

    /** Returns before the brokers have it. */
    void send(ImageRecord image) {
        String key = RecordKeys.tag(image.repository(), image.tag());
        producer.send(
                new ProducerRecord<>(
                        TopicCatalogue.IMAGES.name(), TopicCatalogue.partition(key, partitions), key, image),
                (done, failed) -> {
                    if (failed != null) {
                        throw new IllegalStateException("Cannot write " + key, failed);
                    }
                });
    }

    /** Returns once the brokers have it. */
    void put(ImageRecord image) throws InterruptedException, ExecutionException {
        send(image);
        producer.flush();
    }

    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
