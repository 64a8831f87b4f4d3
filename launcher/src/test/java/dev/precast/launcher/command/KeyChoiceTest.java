package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyChoiceTest {
    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");
    private static final KeyRing RING = KeyRing.EMPTY
            .with("OLD1", key("OLD1", KeyState.ACTIVE))
            .with(RecordKeys.availableKey("NEW1"), key("NEW1", KeyState.AVAILABLE))
            .with("OFF1", key("OFF1", KeyState.RETIRED));

    @Test
    void rotation_makesTheNewOneActiveBeforeTheOldOneIsNot() throws Exception {
        List<SigningKeyRecord> states = rotate(RING, "NEW1", Duration.ofHours(1));

        assertThat(states).extracting(SigningKeyRecord::keyId).containsExactly("NEW1", "OLD1");
        KeyRing after = RING.with("NEW1", states.get(0));
        assertThat(after.signing(NOW)).containsExactly("NEW1", "OLD1");
        after = after.with("OLD1", states.get(1));
        assertThat(after.signing(NOW.plusSeconds(3599))).containsExactly("NEW1", "OLD1");
        assertThat(after.signing(NOW.plusSeconds(3600))).containsExactly("NEW1");
    }

    @Test
    void rotation_withoutOverlap_endsTheOldOneAtOnce() throws Exception {
        KeyRing after = RING;
        for (SigningKeyRecord state : rotate(RING, "NEW1", Duration.ZERO)) {
            after = after.with(state.keyId(), state);
        }

        assertThat(after.signing(NOW)).containsExactly("NEW1");
    }

    @Test
    void rotation_toTheOnlyActiveKey_changesNothing() throws Exception {
        assertThat(rotate(RING, "OLD1", Duration.ZERO)).isEmpty();
    }

    @Test
    void overlap_thatIsAskedFor_endsLongerOnes() throws Exception {
        SigningKeyRecord before = new SigningKeyRecord(
                "PRE1", "{}", KeyState.PREVIOUS, NOW.minusSeconds(60), NOW.plus(Duration.ofDays(7)));
        KeyRing ring = RING.with("PRE1", before);

        assertThat(rotate(ring, "OLD1", Duration.ofHours(1))).singleElement().satisfies(state -> {
            assertThat(state.keyId()).isEqualTo("PRE1");
            assertThat(state.state()).isEqualTo(KeyState.PREVIOUS);
            assertThat(state.until()).isEqualTo(NOW.plus(Duration.ofHours(1)));
        });
        assertThat(rotate(ring, "OLD1", Duration.ZERO))
                .singleElement()
                .satisfies(state -> assertThat(state.signs(NOW)).isFalse());
        assertThat(rotate(ring, "OLD1", Duration.ofDays(8))).isEmpty();
        assertThat(KeyChoice.rotation(ring, KeyChoice.named(ring, "OLD1"), NOW, null))
                .isEmpty();
        assertThat(rotate(ring, "PRE1", Duration.ZERO))
                .extracting(SigningKeyRecord::keyId)
                .containsExactly("PRE1", "OLD1");
    }

    @Test
    void surplus_isWhatWasActiveBefore_soThatOneOfTwoRotationsHolds() throws Exception {
        KeyRing ring = RING.with("NEW1", new SigningKeyRecord("NEW1", "{}", KeyState.ACTIVE, NOW, null))
                .with("NEW2", new SigningKeyRecord("NEW2", "{}", KeyState.ACTIVE, NOW.plusMillis(1), null));

        assertThat(KeyChoice.surplus(ring, "NEW1", NOW, null))
                .extracting(SigningKeyRecord::keyId)
                .containsExactly("OLD1");
        assertThat(KeyChoice.surplus(ring, "NEW2", NOW, null))
                .extracting(SigningKeyRecord::keyId)
                .containsExactlyInAnyOrder("OLD1", "NEW1")
                .hasSize(2);
        assertThat(KeyChoice.surplus(ring, "OFF1", NOW, null)).isEmpty();
    }

    @Test
    void rotation_toARetiredKey_isRefused() {
        assertThatThrownBy(() -> rotate(RING, "OFF1", Duration.ZERO))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("retired");
    }

    @Test
    void retirement_ofTheOnlyActiveKey_isRefused() {
        assertThatThrownBy(() -> KeyChoice.retirement(RING, KeyChoice.named(RING, "OLD1"), NOW))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("precast keys rotate");
    }

    @Test
    void key_isNamedByTheBeginningOfItsId() throws Exception {
        assertThat(KeyChoice.named(RING, "new").keyId()).isEqualTo("NEW1");
        assertThat(KeyChoice.available(RING).keyId()).isEqualTo("NEW1");
        assertThatThrownBy(() -> KeyChoice.named(RING, "O")).hasMessageContaining("2 keys begin so");
        assertThatThrownBy(() -> KeyChoice.named(RING, "X")).hasMessageContaining("no converter knows it");
        assertThatThrownBy(() -> KeyChoice.available(KeyRing.EMPTY)).hasMessageContaining("precast keys generate");
    }

    @Test
    void durations_areReadInShortAndInIsoForm() {
        DurationReader reader = new DurationReader();

        assertThat(reader.convert("0")).isZero();
        assertThat(reader.convert("90s")).hasSeconds(90);
        assertThat(reader.convert("15m")).hasMinutes(15);
        assertThat(reader.convert("24h")).hasHours(24);
        assertThat(reader.convert("7d")).hasDays(7);
        assertThat(reader.convert("PT1H30M")).hasMinutes(90);
        assertThatThrownBy(() -> reader.convert("soon")).hasMessageContaining("expected for example");
        assertThatThrownBy(() -> reader.convert("-PT1H")).hasMessageContaining("expected for example");
    }

    private static List<SigningKeyRecord> rotate(KeyRing ring, String to, Duration overlap) throws CommandException {
        return KeyChoice.rotation(ring, KeyChoice.named(ring, to), NOW, overlap);
    }

    private static SigningKeyRecord key(String id, KeyState state) {
        return new SigningKeyRecord(id, "{}", state, NOW.minusSeconds(60), null);
    }
}
