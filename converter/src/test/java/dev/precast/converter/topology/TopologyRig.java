package dev.precast.converter.topology;

import dev.precast.converter.ConverterConfig;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.Topic;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.schemas.record.VariantRecord;
import dev.precast.schemas.record.WalkRecord;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.record.WalkRequest;
import dev.precast.schemas.role.Pulse;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.jspecify.annotations.Nullable;

/** The topology with all its inputs and outputs, without Kafka; its clock stands still until it is moved. */
final class TopologyRig implements AutoCloseable {
    static final Instant START = Instant.parse("2026-11-23T00:00:00Z");

    private final MeterRegistry meters = new SimpleMeterRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final SigningKey ephemeral = SigningKey.generateRsa(new SecureRandom());
    private final KeyTable keyTable;
    private final WalkProgress progress;
    private final TopologyTestDriver driver;
    private final TestInputTopic<String, ImageRecord> images;
    private final TestInputTopic<String, RepositorySettings> settings;
    private final TestInputTopic<String, SigningKeyRecord> keys;
    private final TestInputTopic<String, WalkRecord> walks;
    private final TestOutputTopic<String, VariantRecord> variants;

    TopologyRig(Path state, HeldKeys held) {
        ConverterConfig config = ConverterConfig.from(Map.of(ConverterConfig.STATE_DIRECTORY, state.toString()));
        Properties properties = ConverterStreams.properties(config, KafkaConfig.plaintext("127.0.0.1:1", 1));
        keyTable = new KeyTable(held);
        ConverterMetrics metrics = new ConverterMetrics(meters);
        progress = new WalkProgress(Clock.fixed(START, ZoneOffset.UTC), metrics);
        ConverterTopology.Tables tables =
                new ConverterTopology.Tables(new SettingsTable(), keyTable, new RequestTable());
        DesiredState desired = new DesiredState(tables.settings(), keyTable, tables.requests(), () -> ephemeral);
        driver = new TopologyTestDriver(
                ConverterStreams.topology(properties, tables, desired, progress, metrics, new Pulse(nanos::get)),
                properties,
                START);
        images = input(TopicCatalogue.IMAGES);
        settings = input(TopicCatalogue.SETTINGS);
        keys = input(TopicCatalogue.KEYS);
        walks = input(TopicCatalogue.WALKS);
        variants = driver.createOutputTopic(
                TopicCatalogue.VARIANTS.name(),
                new StringDeserializer(),
                TopicCatalogue.VARIANTS.valueSerde().deserializer());
    }

    TopologyTestDriver driver() {
        return driver;
    }

    TestInputTopic<String, ImageRecord> images() {
        return images;
    }

    TestInputTopic<String, RepositorySettings> settings() {
        return settings;
    }

    TestOutputTopic<String, VariantRecord> variants() {
        return variants;
    }

    MeterRegistry meters() {
        return meters;
    }

    void pipe(ImageRecord image) {
        images.pipeInput(RecordKeys.tag(image.repository(), image.tag()), image);
    }

    void say(SigningKey key, KeyState state, @Nullable Instant until) {
        keys.pipeInput(
                key.keyId(), new SigningKeyRecord(key.keyId(), key.publicJwk().toJSONString(), state, START, until));
    }

    void request(String pattern, long version) {
        walks.pipeInput(RecordKeys.walkRequest(pattern), new WalkRequest(pattern, version));
    }

    void hold(SigningKey... held) {
        keyTable.hold(HeldKeys.of(List.of(held)));
    }

    /** As if the process had been stopped for so long. */
    void standStill(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    /** Lets a walk over few tags come to its end. */
    void walk() {
        for (int i = 0; i < 5; i++) {
            pass(ImageWalk.PAUSE.plusMillis(1));
        }
    }

    void pass(Duration time) {
        driver.advanceWallClockTime(time);
    }

    /** The newest report, if there is news; it is none the next time. */
    List<WalkReport> news() {
        List<WalkReport> news = progress.news();
        news.forEach(progress::told);
        return news;
    }

    @Override
    public void close() {
        driver.close();
    }

    private <V> TestInputTopic<String, V> input(Topic<V> topic) {
        return driver.createInputTopic(
                topic.name(), new StringSerializer(), topic.valueSerde().serializer(), START, Duration.ZERO);
    }
}
