package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The settings of repositories as they stand in their topic. */
public final class SettingsTopic {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsTopic.class);

    private final KafkaConfig config;

    public SettingsTopic(KafkaConfig config) {
        this.config = config;
    }

    /** By pattern, in the order of their characters. */
    public Map<String, RepositorySettings> read() throws IOException {
        Map<String, RepositorySettings> settings = new TreeMap<>();
        TopicScan.read(config, TopicCatalogue.SETTINGS, 0, found -> {
            if (found.value() == null) {
                settings.remove(found.key());
                return;
            }
            try {
                settings.put(found.key(), RecordJson.read(found.value(), RepositorySettings.class));
            } catch (IOException e) {
                // Converters and serving pass it over too.
                LOG.warn(
                        "Cannot read the settings of \"{}\" at precast-settings@{}: {}. They are passed over; write them again with"
                                + " `precast repos`.",
                        found.key(),
                        found.offset(),
                        e.getMessage());
            }
        });
        return settings;
    }

    /**
     * Returns once the brokers have all of them.
     *
     * @return the offset of the last one; -1 for none
     */
    public long write(Map<RepositoryPattern, RepositorySettings> changes) throws IOException, InterruptedException {
        Map<String, RepositorySettings> records = new LinkedHashMap<>();
        changes.forEach((pattern, settings) -> records.put(pattern.text(), settings));
        return TopicWriter.write(config, TopicCatalogue.SETTINGS, records);
    }
}
