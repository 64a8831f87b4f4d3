package dev.precast.converter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.TopicContents;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(KafkaExtension.class)
class StateWriterIT {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** As a converter does that has read the keys long ago. */
    @Test
    void announcement_neverReplacesAStateThatWasChosenMeanwhile(KafkaConfig kafka) throws Exception {
        SigningKey previous = SigningKey.generateEc(new SecureRandom());
        SigningKey active = SigningKey.generateEc(new SecureRandom());
        try (StateWriter writer = new StateWriter(kafka)) {
            // Nothing is said after a standstill, and on a slow machine reading the keys may look like one.
            Map<String, SigningKeyRecord> first = await().atMost(PATIENCE)
                    .until(
                            () -> writer.announce(HeldKeys.of(List.of(previous)), KeyRing.EMPTY, NOW),
                            records -> !records.isEmpty());
            assertThat(first).containsKey(previous.keyId());
            say(kafka, active, KeyState.ACTIVE);
            say(kafka, previous, KeyState.PREVIOUS);
            int said = TopicContents.of(kafka, TopicCatalogue.KEYS).size();

            assertThat(writer.announce(HeldKeys.of(List.of(previous)), KeyRing.EMPTY, NOW))
                    .isEmpty();
            assertThat(TopicContents.of(kafka, TopicCatalogue.KEYS)).hasSize(said);
        }
    }

    private static void say(KafkaConfig kafka, SigningKey key, KeyState state) throws Exception {
        SigningKeyRecord record =
                new SigningKeyRecord(key.keyId(), key.publicJwk().toJSONString(), state, NOW, null);
        TopicContents.put(kafka, TopicCatalogue.KEYS, key.keyId(), record);
    }
}
