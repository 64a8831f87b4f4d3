package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.security.KeyException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GivenKeysTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

    private final SigningKey a = SigningKey.generateEc(new SecureRandom());
    private final SigningKey b = SigningKey.generateEc(new SecureRandom());

    @Test
    void keysThatWereNeverUsed_becomeActive() throws KeyException {
        assertThat(after(KeyRing.EMPTY, List.of(a, b), held(a, b)).signing(NOW))
                .containsExactlyInAnyOrder(a.keyId(), b.keyId());
    }

    @Test
    void keyThatIsNoLongerGiven_signsNoMore() throws KeyException {
        KeyRing both = after(KeyRing.EMPTY, List.of(a, b), held(a, b));

        KeyRing ring = after(both, List.of(b), held(b));
        assertThat(ring.signing(NOW)).containsExactly(b.keyId());
        assertThat(ring.in(KeyState.PREVIOUS))
                .extracting(SigningKeyRecord::keyId)
                .containsExactly(a.keyId());
    }

    @Test
    void keyThatWasRotatedAway_staysSoAtTheNextStart() throws KeyException {
        KeyRing ring = with(with(KeyRing.EMPTY, a, KeyState.PREVIOUS), b, KeyState.ACTIVE);

        assertThat(after(ring, List.of(a), held(a, b)).signing(NOW)).containsExactly(b.keyId());
    }

    @Test
    void keyThatWasRotatedAway_comesBackWhenTheActiveOneIsGone() throws KeyException {
        KeyRing ring = with(with(KeyRing.EMPTY, a, KeyState.PREVIOUS), b, KeyState.ACTIVE);

        assertThat(after(ring, List.of(a), held(a)).signing(NOW)).containsExactly(a.keyId());
    }

    @Test
    void retiredKey_isRefused() {
        KeyRing ring = with(KeyRing.EMPTY, a, KeyState.RETIRED);

        assertThatThrownBy(() -> after(ring, List.of(a), held(a)))
                .isInstanceOf(KeyException.class)
                .hasMessageContaining(a.keyId())
                .hasMessageContaining("retired");
    }

    private static KeyRing after(KeyRing ring, List<SigningKey> given, Set<String> held) throws KeyException {
        KeyRing after = ring;
        for (SigningKeyRecord record : GivenKeys.changes(ring, HeldKeys.of(given), held, NOW, true)) {
            after = after.with(record.keyId(), record);
        }
        return after;
    }

    private static Set<String> held(SigningKey... keys) {
        return HeldKeys.of(List.of(keys)).byId().keySet();
    }

    private static KeyRing with(KeyRing ring, SigningKey key, KeyState state) {
        return ring.with(
                key.keyId(),
                new SigningKeyRecord(key.keyId(), key.publicJwk().toJSONString(), state, NOW.minusSeconds(1), null));
    }
}
