package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.kafka.RecordSerde;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.SigningKeyRecord;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageWalkTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    /** From one look at the clock to the next; longer than a slice may take, so that every slice is one visit. */
    private static final Duration TICK = Duration.ofMillis(60);

    private final SigningKey key = SigningKey.generateEc(new SecureRandom());
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final SettingsTable settings = new SettingsTable();
    private final KeyTable keys = new KeyTable(HeldKeys.of(List.of(key)));
    private final List<String> published = new ArrayList<>();
    private long nanos;
    private final TimestampedKeyValueStore<String, ImageRecord> images = Stores.timestampedKeyValueStoreBuilder(
                    Stores.inMemoryKeyValueStore(ConverterTopology.IMAGES),
                    Serdes.String(),
                    TopicCatalogue.IMAGES.valueSerde())
            .withLoggingDisabled()
            .build();
    private final KeyValueStore<String, WalkState> states = store(ConverterTopology.WALK, WalkState.class);
    private final KeyValueStore<String, Built> built = store(ConverterTopology.BUILT, Built.class);

    @BeforeEach
    void fill() {
        settings.put("*", new RepositorySettings(true, List.of()), 0);
        String jwk = key.publicJwk().toJSONString();
        keys.put(key.keyId(), new SigningKeyRecord(key.keyId(), jwk, KeyState.ACTIVE, NOW, null), 0);
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
        images.init(context.getStateStoreContext(), images);
        states.init(context.getStateStoreContext(), states);
        built.init(context.getStateStoreContext(), built);
        for (String tag : List.of("v1", "v2", "v3", "v4")) {
            ImageRecord image = Images.schema2("library/hello", tag, 1, tag);
            images.put(RecordKeys.tag("library/hello", tag), ValueAndTimestamp.make(image, 0));
        }
    }

    @AfterEach
    void close() {
        images.close();
        states.close();
        built.close();
    }

    @Test
    void walk_thatIsInterrupted_goesOnAfterItsCursor() {
        ImageWalk first = walk();
        assertThat(first.step(NOW)).isTrue();
        assertThat(first.step(NOW)).isTrue();
        assertThat(first.step(NOW)).isTrue();
        assertThat(published).containsExactly("library/hello:v1", "library/hello:v2", "library/hello:v3");

        // What the last slice did was not committed for sure: that much is done again.
        published.clear();
        ImageWalk second = walk();
        while (second.step(NOW)) {
            assertThat(published).hasSizeLessThan(4);
        }
        assertThat(published).containsExactly("library/hello:v3", "library/hello:v4");
        assertThat(states.get("walk")).satisfies(state -> {
            assertThat(state.done()).isTrue();
            assertThat(state.countsOrNone().walked()).isEqualTo(4);
        });
    }

    @Test
    void meters_tellWhatIsToGo() {
        ImageWalk walk = walk();
        walk.step(NOW);

        assertThat(meters.get("precast.converter.walk.remaining").gauge().value())
                .isEqualTo(3);
        assertThat(meters.get("precast.converter.walked").counter().count()).isOne();
    }

    /** As the process ends in the middle: a new one knows what is in the stores. */
    private ImageWalk walk() {
        ConverterMetrics metrics = new ConverterMetrics(meters);
        return new ImageWalk(
                0,
                new ImageWalk.Stores(images, states, built),
                new DesiredState(settings, keys, new RequestTable(), () -> key),
                new WalkProgress(Clock.fixed(NOW, ZoneOffset.UTC), metrics),
                (tag, plan) -> published.add(tag),
                () -> nanos += TICK.toNanos());
    }

    private static <V> KeyValueStore<String, V> store(String name, Class<V> type) {
        return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Serdes.String(), new RecordSerde<>(type))
                .withLoggingDisabled()
                .build();
    }
}
