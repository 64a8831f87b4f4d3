package dev.precast.converter.topology;

import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How the image table is kept. It is restored from its topic byte by byte, with the records that {@link UnreadableRecords} has
 * left out: what cannot be read is absent in the table too, and fails nothing.
 */
final class ImageTable extends Materialized<String, ImageRecord, KeyValueStore<Bytes, byte[]>> {
    ImageTable() {
        super(Materialized.as(ConverterTopology.IMAGES));
        keySerde = Serdes.String();
        valueSerde = readable(TopicCatalogue.IMAGES.valueSerde());
        cachingEnabled = false;
    }

    /** Kafka Streams would give the table the serde of its source, which has to fail on what cannot be read. */
    @Override
    public Materialized<String, ImageRecord, KeyValueStore<Bytes, byte[]>> withValueSerde(Serde<ImageRecord> serde) {
        return this;
    }

    @SuppressWarnings("NullAway") // Kafka's own contract: null for what is absent.
    private static Serde<ImageRecord> readable(Serde<ImageRecord> strict) {
        Deserializer<ImageRecord> orAbsent = (topic, bytes) -> {
            try {
                return strict.deserializer().deserialize(topic, bytes);
            } catch (SerializationException e) {
                return null;
            }
        };
        return Serdes.serdeFrom(strict.serializer(), orAbsent);
    }
}
