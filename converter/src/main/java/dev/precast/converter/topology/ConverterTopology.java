package dev.precast.converter.topology;

import dev.precast.schemas.kafka.RecordSerde;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.role.Pulse;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;

/**
 * The whole flow of the converter on one screen:
 *
 * <pre>
 * precast-settings ──▶ settings ┐
 * precast-keys ──────▶ keys     ├ (every instance has all of them) = DesiredState
 * precast-walks ─────▶ requests ┘
 *                          │
 * precast-images ──▶ images (table) ──▶ VariantProcessor ──▶ precast-variants
 *                       ▲                  │   stores: builds, owners, clock
 *                       └──── ImageWalk ◀──┘   store: walk; WalkProgress ──▶ precast-walks, by ConverterStreams
 * </pre>
 *
 * A live image record is decided by {@link BuildPlan}; a change of the desired state makes {@link ImageWalk} go over the table
 * and decide every tag again.
 */
public final class ConverterTopology {
    static final String IMAGES = "images";
    static final String SETTINGS = "settings";
    static final String BUILT = "builds";
    static final String OWNERS = "owners";
    static final String KEYS = "keys";
    static final String REQUESTS = "requests";
    static final String CLOCK = "clock";
    static final String WALK = "walk";

    private ConverterTopology() {}

    /** What every instance reads whole. */
    record Tables(SettingsTable settings, KeyTable keys, RequestTable requests) {}

    static void build(
            StreamsBuilder builder,
            Tables tables,
            DesiredState desired,
            WalkProgress progress,
            ConverterMetrics metrics,
            Pulse pulse) {
        global(builder, SETTINGS, TopicCatalogue.SETTINGS, tables.settings()::put);
        global(builder, KEYS, TopicCatalogue.KEYS, tables.keys()::put);
        global(builder, REQUESTS, TopicCatalogue.WALKS, (key, value, offset) -> {
            if (value != null) {
                tables.requests().take(value, offset);
            }
        });

        builder.<String, ImageRecord>table(
                        TopicCatalogue.IMAGES.name(),
                        Consumed.with(Serdes.String(), TopicCatalogue.IMAGES.valueSerde())
                                .withName("images-source"),
                        new ImageTable())
                .toStream(Named.as("image-changes"))
                .process(new VariantProcessors(desired, progress, metrics, pulse), Named.as("variants"), IMAGES)
                .to(
                        TopicCatalogue.VARIANTS.name(),
                        Produced.<String, VariantRecord>with(Serdes.String(), TopicCatalogue.VARIANTS.valueSerde())
                                .withName("variants-sink")
                                .withStreamPartitioner((topic, key, value, partitions) ->
                                        Optional.of(Set.of(TopicCatalogue.partition(key, partitions)))));
    }

    /** Makes processors and the stores that belong to them. */
    private record VariantProcessors(DesiredState desired, WalkProgress progress, ConverterMetrics metrics, Pulse pulse)
            implements ProcessorSupplier<String, ImageRecord, String, VariantRecord> {
        @Override
        public Processor<String, ImageRecord, String, VariantRecord> get() {
            return new VariantProcessor(desired, progress, metrics, pulse);
        }

        @Override
        public Set<StoreBuilder<?>> stores() {
            return Set.of(
                    store(BUILT, Built.class),
                    store(OWNERS, Owners.class),
                    store(WALK, WalkState.class),
                    Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(CLOCK), Serdes.String(), Serdes.Long()));
        }

        private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Class<V> type) {
            return Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(name), Serdes.String(), new RecordSerde<>(type));
        }
    }

    /** Takes in a record of a table that every instance has. */
    private interface Taker<V> {
        void take(String key, @Nullable V value, long offset);
    }

    private static <V> void global(StreamsBuilder builder, String name, Topic<V> topic, Taker<V> taker) {
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), topic.valueSerde()),
                topic.name(),
                Consumed.with(Serdes.String(), topic.valueSerde()).withName(name + "-source"),
                () -> new TableProcessor<>(name, taker));
    }

    /** Keeps a table as its topic says, also while it is read back at start. */
    private static final class TableProcessor<V> extends ContextualProcessor<String, V, Void, Void> {
        private final String store;
        private final Taker<V> taker;

        TableProcessor(String store, Taker<V> taker) {
            this.store = store;
            this.taker = taker;
        }

        @Override
        public void process(Record<String, V> record) {
            KeyValueStore<String, V> values = context().getStateStore(store);
            values.put(record.key(), record.value());
            long offset = context().recordMetadata().map(RecordMetadata::offset).orElse(-1L);
            taker.take(record.key(), record.value(), offset);
        }
    }
}
