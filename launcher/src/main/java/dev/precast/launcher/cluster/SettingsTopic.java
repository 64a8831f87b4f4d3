package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/** The settings of repositories as they stand in their topic. */
public final class SettingsTopic {
    private static final int PATIENCE_MILLIS = 10_000;

    private final KafkaConfig config;

    public SettingsTopic(KafkaConfig config) {
        this.config = config;
    }

    /** By pattern, in the order of their characters. */
    public Map<String, RepositorySettings> read() throws IOException {
        Map<String, RepositorySettings> settings = new TreeMap<>();
        List<IOException> faults = new ArrayList<>();
        TopicScan.read(config, TopicCatalogue.SETTINGS, 0, found -> {
            if (found.value() == null) {
                settings.remove(found.key());
                return;
            }
            try {
                settings.put(found.key(), RecordJson.read(found.value(), RepositorySettings.class));
            } catch (IOException e) {
                faults.add(new IOException(
                        "Cannot read the settings of \"" + found.key() + "\": " + e.getMessage()
                                + " Write them again with `precast repos`.",
                        e));
            }
        });
        if (!faults.isEmpty()) {
            throw faults.get(0);
        }
        return settings;
    }

    /** Returns once the brokers have all of them. */
    public void write(Map<RepositoryPattern, RepositorySettings> changes) throws IOException, InterruptedException {
        if (changes.isEmpty()) {
            return;
        }
        Properties properties = config.producerProperties("precast-cli");
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
        properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS / 2);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
        try (KafkaProducer<String, RepositorySettings> producer = new KafkaProducer<>(
                properties,
                new StringSerializer(),
                TopicCatalogue.SETTINGS.valueSerde().serializer())) {
            List<Future<?>> sent = new ArrayList<>();
            changes.forEach((pattern, settings) -> sent.add(
                    producer.send(new ProducerRecord<>(TopicCatalogue.SETTINGS.name(), 0, pattern.text(), settings))));
            for (Future<?> future : sent) {
                future.get();
            }
        } catch (KafkaException | ExecutionException e) {
            throw Cluster.unreachable(config, e);
        }
    }
}
