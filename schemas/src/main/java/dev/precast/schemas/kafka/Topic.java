package dev.precast.schemas.kafka;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * One topic: its name, its serdes and what it must be configured as.
 *
 * @param type class of the values; keys are always strings
 * @param partitioned whether it has as many partitions as the cluster's setting says (everything of one repository in one of
 *     them), or a single one
 * @param config topic configuration that is checked at start
 */
public record Topic<V>(String name, Class<V> type, boolean partitioned, Map<String, String> config) {
    public Topic {
        config = Map.copyOf(config);
    }

    public Serde<String> keySerde() {
        return Serdes.String();
    }

    public Serde<V> valueSerde() {
        return new RecordSerde<>(type);
    }
}
