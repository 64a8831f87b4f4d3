package dev.precast.e2e.keys;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Writes image records in place of ingest. Thread-safe. */
final class ImageTopic implements AutoCloseable {
    private final KafkaProducer<String, ImageRecord> producer;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
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

    /** Returns before the brokers have it; {@link #flush} waits, and tells what failed. */
    void send(ImageRecord image) {
        String key = RecordKeys.tag(image.repository(), image.tag());
        Future<?> unused = producer.send(
                new ProducerRecord<>(
                        TopicCatalogue.IMAGES.name(), TopicCatalogue.partition(key, partitions), key, image),
                (done, failed) -> {
                    if (failed != null) {
                        failure.compareAndSet(null, failed);
                    }
                });
    }

    /** Returns once the brokers have it. */
    void put(ImageRecord image) {
        send(image);
        flush();
    }

    void flush() {
        producer.flush();
        if (failure.get() != null) {
            throw new IllegalStateException("Cannot write images.", failure.get());
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
