package dev.precast.schemas.kafka;

import dev.precast.schemas.json.RecordJson;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** Our records as JSON; null is a tombstone both ways. Thread-safe. */
public final class RecordSerde<V> implements Serde<V> {
    private final Class<V> type;

    public RecordSerde(Class<V> type) {
        this.type = type;
    }

    @Override
    @SuppressWarnings("NullAway") // Kafka's own contract: null in, null out.
    public Serializer<V> serializer() {
        return (topic, value) -> value == null ? null : RecordJson.write(value);
    }

    @Override
    @SuppressWarnings("NullAway")
    public Deserializer<V> deserializer() {
        return (topic, bytes) -> read(topic, bytes);
    }

    private @Nullable V read(String topic, byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return RecordJson.read(bytes, type);
        } catch (IOException e) {
            throw new SerializationException(
                    "Cannot read " + type.getSimpleName() + " of topic " + topic + ": " + e.getMessage(), e);
        }
    }
}
