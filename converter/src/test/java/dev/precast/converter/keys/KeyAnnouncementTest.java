package dev.precast.converter.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.SigningKeyRecord;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyAnnouncementTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

    private final SigningKey key = SigningKey.generateEc(new SecureRandom());
    private final SigningKey other = SigningKey.generateEc(new SecureRandom());

    @Test
    void firstKey_becomesActive() {
        KeyRing ring = said(HeldKeys.of(List.of(key)), KeyRing.EMPTY);

        assertThat(ring.signing(NOW)).containsExactly(key.keyId());
    }

    @Test
    void laterKey_isAvailableOnly() {
        KeyRing ring = said(HeldKeys.of(List.of(key)), KeyRing.EMPTY);
        ring = said(HeldKeys.of(List.of(key, other)), ring);

        assertThat(ring.signing(NOW)).containsExactly(key.keyId());
        assertThat(ring.in(KeyState.AVAILABLE))
                .extracting(SigningKeyRecord::keyId)
                .containsExactly(other.keyId());
    }

    @Test
    void knownKeys_areNotSaidAgain() {
        HeldKeys held = HeldKeys.of(List.of(key, other));

        assertThat(KeyAnnouncement.of(held, said(held, KeyRing.EMPTY), NOW)).isEmpty();
        assertThat(KeyAnnouncement.of(HeldKeys.NONE, KeyRing.EMPTY, NOW)).isEmpty();
    }

    @Test
    void announcement_thatComesLateChangesNoState() {
        Map<String, SigningKeyRecord> late =
                KeyAnnouncement.of(HeldKeys.of(List.of(other)), said(HeldKeys.of(List.of(key)), KeyRing.EMPTY), NOW);
        KeyRing ring = said(HeldKeys.of(List.of(key, other)), KeyRing.EMPTY)
                .with(other.keyId(), record(other, KeyState.ACTIVE))
                .with(key.keyId(), record(key, KeyState.PREVIOUS));
        for (Map.Entry<String, SigningKeyRecord> record : late.entrySet()) {
            ring = ring.with(record.getKey(), record.getValue());
        }

        assertThat(late).containsOnlyKeys(RecordKeys.availableKey(other.keyId()));
        assertThat(ring.signing(NOW)).containsExactly(other.keyId());
    }

    @Test
    void retiredKey_neverBecomesActiveByItself() {
        KeyRing ring = KeyRing.EMPTY.with(key.keyId(), record(key, KeyState.RETIRED));

        assertThat(KeyAnnouncement.of(HeldKeys.of(List.of(key)), ring, NOW)).isEmpty();
    }

    private static KeyRing said(HeldKeys held, KeyRing ring) {
        KeyRing after = ring;
        for (Map.Entry<String, SigningKeyRecord> record :
                KeyAnnouncement.of(held, ring, NOW).entrySet()) {
            after = after.with(record.getKey(), record.getValue());
        }
        return after;
    }

    private static SigningKeyRecord record(SigningKey key, KeyState state) {
        return new SigningKeyRecord(key.keyId(), key.publicJwk().toJSONString(), state, NOW, null);
    }
}
