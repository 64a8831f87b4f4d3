package dev.precast.serving.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PublishedKeysTest {
    private static final Instant EARLIER = Instant.parse("2026-11-23T00:00:00Z");

    private static final KeyRing RING = KeyRing.EMPTY
            .with("A", key("A", KeyState.ACTIVE, EARLIER.plusSeconds(9)))
            .with("P", key("P", KeyState.PREVIOUS, EARLIER))
            .with("R", key("R", KeyState.RETIRED, EARLIER))
            .with("available/N", key("N", KeyState.AVAILABLE, EARLIER));

    @Test
    void jwks_holdsActiveAndPreviousKeysAsTheyAre() {
        assertThat(PublishedKeys.jwks(RING)).isEqualTo("{\"keys\":[{\"kid\":\"A\"},{\"kid\":\"P\"}]}");
        assertThat(PublishedKeys.jwks(KeyRing.EMPTY)).isEqualTo("{\"keys\":[]}");
    }

    @Test
    void ids_sayTheStates() {
        assertThat(PublishedKeys.ids(RING))
                .isEqualTo("{\"keys\":[{\"keyId\":\"A\",\"state\":\"active\",\"since\":\"2026-11-23T00:00:09Z\"},"
                        + "{\"keyId\":\"P\",\"state\":\"previous\",\"since\":\"2026-11-23T00:00:00Z\"}]}");
    }

    private static SigningKeyRecord key(String id, KeyState state, Instant since) {
        return new SigningKeyRecord(id, "{\"kid\":\"" + id + "\"}", state, since, null);
    }
}
