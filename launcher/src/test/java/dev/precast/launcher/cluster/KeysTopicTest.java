package dev.precast.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeysTopicTest {
    private static final String SECRET = "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE";

    /** The key of RFC 7517, A.2. */
    private static final String PRIVATE = "{\"kty\":\"EC\",\"crv\":\"P-256\","
            + "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
            + "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"d\":\"" + SECRET + "\"}";

    private final KeysTopic topic = new KeysTopic(KafkaConfig.plaintext("127.0.0.1:1", 1));

    @Test
    void write_refusesWhatIsNoPublicKey() {
        for (String jwk : List.of(PRIVATE, "no key")) {
            SigningKeyRecord record = new SigningKeyRecord("K", jwk, KeyState.ACTIVE, Instant.EPOCH, null);

            assertThatThrownBy(() -> topic.write(List.of(record)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no public JWK")
                    .hasMessageNotContaining(SECRET);
        }
    }
}
