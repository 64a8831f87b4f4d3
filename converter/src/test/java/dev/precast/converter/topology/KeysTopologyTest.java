package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.converter.jws.SignatureCheck;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.WalkReport;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys, overlaps and requests to build anew, as the topics say them. */
class KeysTopologyTest {
    private static final SigningKey OLD = SigningKey.generateEc(new SecureRandom());
    private static final SigningKey NEW = SigningKey.generateEc(new SecureRandom());
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir
    Path state;

    private TopologyRig rig;

    @BeforeEach
    void start() {
        rig = new TopologyRig(state, HeldKeys.of(List.of(OLD, NEW)));
        rig.settings().pipeInput("*", ON);
        rig.say(OLD, KeyState.ACTIVE, null);
        rig.pipe(Images.schema2("library/hello", "v1", 1, "a"));
        assertThat(signersOf(newest())).containsExactly(OLD.keyId());
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void rotation_signsWithBothDuringTheOverlapAndWithTheNewKeyAloneAfterIt() {
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, TopologyRig.START.plus(HOUR));
        rig.walk();
        assertThat(signersOf(newest())).containsExactlyInAnyOrder(OLD.keyId(), NEW.keyId());

        rig.pass(HOUR);
        rig.walk();
        assertThat(signersOf(newest())).containsExactly(NEW.keyId());
    }

    @Test
    void rotation_withoutTheNewKeyAtHand_keepsWhatIsPublished() {
        rig.hold(OLD);
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.walk();
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));

        assertThat(rig.variants().isEmpty()).isTrue();
        assertThat(report()).satisfies(report -> assertThat(report.waiting()).isOne());
    }

    @Test
    void keyThatArrivesLate_signsWhatWaitedForIt() {
        rig.hold(OLD);
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));
        rig.walk();
        rig.hold(OLD, NEW);
        rig.walk();

        assertThat(signersOf(newest())).containsExactly(NEW.keyId());
        assertThat(report().waiting()).isZero();
    }

    @Test
    void overlapWithoutTheNewKeyAtHand_signsWithTheOldOne() {
        rig.hold(OLD);
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, TopologyRig.START.plus(HOUR));
        rig.walk();
        assertThat(rig.variants().isEmpty()).isTrue();
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));

        assertThat(signersOf(newest())).containsExactly(OLD.keyId());
    }

    @Test
    void goneTag_isTakenBackAlsoWithoutAKey() {
        rig.hold();
        rig.settings().pipeInput("library/*", RepositorySettings.OFF);
        rig.walk();

        assertThat(rig.variants().readRecordsToList()).isNotEmpty().allMatch(record -> record.value() == null);
    }

    @Test
    void secondRotationDuringTheFirst_endsWithTheNewestKey() {
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.pass(ImageWalk.PAUSE);
        rig.say(OLD, KeyState.ACTIVE, null);
        rig.say(NEW, KeyState.PREVIOUS, Instant.EPOCH);
        rig.walk();

        assertThat(signersOf(newest())).containsExactly(OLD.keyId());
        assertThat(report()).satisfies(report -> {
            assertThat(report.done()).isTrue();
            assertThat(report.desired().keys()).isEqualTo(4);
        });
    }

    @Test
    void firstLastingKey_replacesTheEphemeralOne() {
        rig.close();
        rig = new TopologyRig(state.resolve("other"), HeldKeys.NONE);
        rig.settings().pipeInput("*", ON);
        rig.pipe(Images.schema2("library/hello", "v1", 1, "a"));
        assertThat(signersOf(newest())).doesNotContain(NEW.keyId()).hasSize(1);
        rig.hold(NEW);
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.walk();

        assertThat(signersOf(newest())).containsExactly(NEW.keyId());
    }

    @Test
    void request_buildsAnewAndWritesNothingWhenNothingChanged() {
        rig.request("library/*", 7);
        rig.walk();

        assertThat(rig.variants().isEmpty()).isTrue();
        assertThat(report()).satisfies(report -> {
            assertThat(report.done()).isTrue();
            assertThat(report.desired().requests()).isZero();
            assertThat(report.unchanged()).isOne();
        });
        assertThat(rig.meters()
                        .counter("precast.converter.walk.tags", "outcome", "unchanged")
                        .count())
                .isPositive();
    }

    @Test
    void reports_comeOnlyWhenThereIsNews() {
        rig.walk();
        assertThat(rig.news()).hasSize(1);
        rig.walk();
        assertThat(rig.news()).isEmpty();
    }

    @Test
    void settingsWithAKeyThatIsNoPattern_arePassedOver() {
        rig.settings().pipeInput("NOT A PATTERN", ON);
        rig.request("NOT A PATTERN", 3);
        rig.pipe(Images.schema2("library/hello", "v2", 2, "b"));

        assertThat(signersOf(newest())).containsExactly(OLD.keyId());
    }

    private WalkReport report() {
        return rig.news().get(0);
    }

    private VariantManifest newest() {
        return rig.variants().readRecordsToList().stream()
                .map(record -> record.value())
                .filter(VariantManifest.class::isInstance)
                .map(VariantManifest.class::cast)
                .filter(manifest -> manifest.mediaType().equals(MediaTypes.SCHEMA1_SIGNED))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private static Set<String> signersOf(VariantManifest manifest) {
        return ManifestVerifier.verify(manifest.bytes(), Set.of()).signatures().stream()
                .filter(SignatureCheck::valid)
                .map(check -> String.valueOf(check.keyId()))
                .collect(java.util.stream.Collectors.toSet());
    }
}
