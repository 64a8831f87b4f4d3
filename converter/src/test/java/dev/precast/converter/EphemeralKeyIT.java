package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.precast.converter.topology.Images;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A converter without any key, on a real broker. */
@ExtendWith(KafkaExtension.class)
class EphemeralKeyIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int TAGS = 8;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger ours = (Logger) LoggerFactory.getLogger(ConverterApp.class);

    @TempDir
    Path directory;

    private Path state;

    @BeforeEach
    void listen() {
        state = directory.resolve("state");
        log.start();
        ours.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        ours.detachAppender(log);
    }

    @Test
    void converterWithoutKeys_warns_andSignsNothingAnewAfterARestart(KafkaConfig kafka) throws Exception {
        TopicContents.put(kafka, TopicCatalogue.SETTINGS, "*", new RepositorySettings(true, List.of()));
        for (int i = 0; i < TAGS; i++) {
            ImageRecord image = Images.schema2("team/r" + i, "v1", i + 1L, "image " + i);
            TopicContents.put(kafka, TopicCatalogue.IMAGES, RecordKeys.tag(image.repository(), image.tag()), image);
        }
        run(kafka, () -> tags(kafka) == TAGS);
        assertThat(log.list)
                .filteredOn(event -> event.getLevel() == Level.WARN)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("No signing key is there")
                        .contains("precast keys generate"));
        Set<String> published = published(kafka);

        run(kafka, () -> true);
        assertThat(published(kafka)).isEqualTo(published);

        // What it remembers is in Kafka too.
        StateDirectory.delete(state);
        run(kafka, () -> true);
        assertThat(published(kafka)).isEqualTo(published);
    }

    private interface Condition {
        boolean holds();
    }

    /** Runs a converter until the condition holds and all that there is was walked over. */
    private void run(KafkaConfig kafka, Condition until) throws Exception {
        ConverterConfig config = ConverterConfig.from(Map.of(ConverterConfig.STATE_DIRECTORY, state.toString()));
        Instant begun = Instant.now();
        try (ConverterApp app = new ConverterApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            app.start();
            await().atMost(PATIENCE).until(until::holds);
            WalkReports.awaitDone(kafka, report -> report.at().isAfter(begun));
        }
        StateDirectory.awaitFree(state);
    }

    /** Keys with their values, each once: what is signed anew has other bytes, because every run has a key of its own. */
    private static Set<String> published(KafkaConfig kafka) {
        return TopicContents.of(kafka, TopicCatalogue.VARIANTS).stream()
                .map(record -> record.key() + " "
                        + (record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8)))
                .collect(Collectors.toSet());
    }

    private static long tags(KafkaConfig kafka) {
        return TopicContents.of(kafka, TopicCatalogue.VARIANTS).stream()
                .map(ConsumerRecord::key)
                .filter(key -> !RecordKeys.isDigest(key))
                .distinct()
                .count();
    }
}
