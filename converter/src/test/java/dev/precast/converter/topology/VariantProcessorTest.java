package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.kafka.RecordSerde;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.role.Pulse;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.metrics.stats.CumulativeCount;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedPunctuator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a walk steps on; what its steps do is in {@link ImageWalkTest}. */
class VariantProcessorTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final String KEY = RecordKeys.tag("library/hello", "v1");

    private final MockProcessorContext<String, VariantRecord> context = new MockProcessorContext<>();
    private final KeyValueStore<String, Built> built =
            store(ConverterTopology.BUILT, Serdes.String(), new RecordSerde<>(Built.class));
    private VariantProcessor processor;

    @BeforeEach
    void make() {
        context.setCurrentSystemTimeMs(NOW.toEpochMilli());
        TimestampedKeyValueStore<String, ImageRecord> images = Stores.timestampedKeyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(ConverterTopology.IMAGES),
                        Serdes.String(),
                        TopicCatalogue.IMAGES.valueSerde())
                .withLoggingDisabled()
                .build();
        List<StateStore> stores = List.of(
                images,
                built,
                store(ConverterTopology.OWNERS, Serdes.String(), new RecordSerde<>(Owners.class)),
                store(ConverterTopology.WALK, Serdes.String(), new RecordSerde<>(WalkState.class)),
                store(ConverterTopology.CLOCK, Serdes.String(), Serdes.Long()));
        for (StateStore store : stores) {
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
        }
        images.put(KEY, ValueAndTimestamp.make(Images.schema2("library/hello", "v1", 1, "a"), 0));
        SettingsTable settings = new SettingsTable();
        settings.put("*", new RepositorySettings(true, List.of()), 0);
        SigningKey key = SigningKey.generateEc(new SecureRandom());
        ConverterMetrics metrics = new ConverterMetrics(new SimpleMeterRegistry());
        processor = new VariantProcessor(
                new DesiredState(settings, new KeyTable(HeldKeys.of(List.of())), new RequestTable(), () -> key),
                new WalkProgress(Clock.fixed(NOW, ZoneOffset.UTC), metrics),
                metrics,
                new Pulse(() -> 0));
    }

    @Test
    void walk_remembersNothingBeforeItIsCommitted() {
        Sensor commits = commits();
        processor.init(context);
        tick();
        assertThat(context.forwarded()).isNotEmpty();
        assertThat(context.committed()).isTrue();

        tick();
        assertThat(built.get(KEY)).isNull();

        commits.record(1);
        tick();
        assertThat(built.get(KEY)).isNotNull();
    }

    @Test
    void walk_goesOnWhereCommitsAreNotCounted() {
        processor.init(context);
        tick();
        tick();

        assertThat(built.get(KEY)).isNotNull();
    }

    @Test
    void steps_endWithTheProcessor_alsoWhenItIsInitialisedAgain() {
        processor.init(context);
        processor.close();
        assertThat(context.scheduledPunctuators()).allMatch(CapturedPunctuator::cancelled);

        processor.init(context);
        processor.init(context);
        assertThat(context.scheduledPunctuators())
                .filteredOn(steps -> !steps.cancelled())
                .hasSize(1);
    }

    /** What Streams counts for a thread of its own. */
    private Sensor commits() {
        Sensor sensor = context.metrics().addSensor("commits", Sensor.RecordingLevel.INFO);
        sensor.add(
                new MetricName(
                        "commit-total",
                        "stream-thread-metrics",
                        "as of Kafka Streams",
                        Map.of("thread-id", Thread.currentThread().getName())),
                new CumulativeCount());
        return sensor;
    }

    private void tick() {
        context.scheduledPunctuators().get(0).getPunctuator().punctuate(NOW.toEpochMilli());
    }

    private static <V> KeyValueStore<String, V> store(String name, Serde<String> keys, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, values)
                .withLoggingDisabled()
                .build();
    }
}
