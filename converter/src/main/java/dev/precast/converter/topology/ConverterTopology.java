package dev.precast.converter.topology;

import dev.precast.schemas.kafka.RecordSerde;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantRecord;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The whole flow of the converter on one screen:
 *
 * <pre>
 * precast-settings ──▶ settings (every instance has all of them)
 *                          │
 * precast-images ──▶ images (table) ──▶ VariantProcessor ──▶ precast-variants
 *                       ▲                  │   stores: built, owners, clock
 *                       └──── ImageWalk ◀──┘   store: walk
 * </pre>
 *
 * A live image record is decided by {@link BuildPlan}; a change of settings or keys makes {@link ImageWalk} go over the table and
 * decide every tag again.
 */
public final class ConverterTopology {
    static final String IMAGES = "images";
    static final String SETTINGS = "settings";
    static final String BUILT = "built";
    static final String OWNERS = "owners";
    static final String CLOCK = "clock";
    static final String WALK = "walk";

    private ConverterTopology() {}

    static void build(StreamsBuilder builder, SettingsTable settings, DesiredState desired, ConverterMetrics metrics) {
        builder.addGlobalStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(SETTINGS), Serdes.String(), TopicCatalogue.SETTINGS.valueSerde()),
                TopicCatalogue.SETTINGS.name(),
                Consumed.with(Serdes.String(), TopicCatalogue.SETTINGS.valueSerde())
                        .withName("settings-source"),
                () -> new SettingsProcessor(settings));

        builder.<String, ImageRecord>table(
                        TopicCatalogue.IMAGES.name(),
                        Consumed.with(Serdes.String(), TopicCatalogue.IMAGES.valueSerde())
                                .withName("images-source"),
                        Materialized.<String, ImageRecord, KeyValueStore<Bytes, byte[]>>as(IMAGES)
                                .withKeySerde(Serdes.String())
                                .withValueSerde(TopicCatalogue.IMAGES.valueSerde())
                                .withCachingDisabled())
                .toStream(Named.as("image-changes"))
                .process(new VariantProcessors(desired, metrics), Named.as("variants"), IMAGES)
                .to(
                        TopicCatalogue.VARIANTS.name(),
                        Produced.<String, VariantRecord>with(Serdes.String(), TopicCatalogue.VARIANTS.valueSerde())
                                .withName("variants-sink")
                                .withStreamPartitioner((topic, key, value, partitions) ->
                                        Optional.of(Set.of(TopicCatalogue.partition(key, partitions)))));
    }

    /** Makes processors and the stores that belong to them. */
    private record VariantProcessors(DesiredState desired, ConverterMetrics metrics)
            implements ProcessorSupplier<String, ImageRecord, String, VariantRecord> {
        @Override
        public Processor<String, ImageRecord, String, VariantRecord> get() {
            return new VariantProcessor(desired, metrics);
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

    /** Keeps {@link SettingsTable} as the topic says, also while it is read back at start. */
    private static final class SettingsProcessor
            extends org.apache.kafka.streams.processor.api.ContextualProcessor<String, RepositorySettings, Void, Void> {
        private final SettingsTable settings;

        SettingsProcessor(SettingsTable settings) {
            this.settings = settings;
        }

        @Override
        public void process(org.apache.kafka.streams.processor.api.Record<String, RepositorySettings> record) {
            KeyValueStore<String, RepositorySettings> store = context().getStateStore(SETTINGS);
            store.put(record.key(), record.value());
            settings.put(record.key(), record.value());
        }
    }
}
