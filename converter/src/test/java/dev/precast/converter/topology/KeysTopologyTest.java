package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.converter.jws.BrittleKey;
import dev.precast.converter.jws.ManifestVerifier;
import dev.precast.converter.jws.SignatureCheck;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.WalkReport;
import dev.precast.schemas.role.Pulse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.errors.StreamsException;
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

    /** Others may have its partitions by then, and what it would say is old but looks new. */
    @Test
    void processThatStoodStill_publishesNothingBeforeItHasJoinedAgain() {
        rig.standStill(Pulse.STANDSTILL);
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));
        assertThat(signersOf(newest())).containsExactly(OLD.keyId());

        rig.say(NEW, KeyState.ACTIVE, null);
        rig.standStill(Pulse.STANDSTILL.plusNanos(1));
        assertThatThrownBy(() -> rig.pipe(Images.schema2("library/hello", "v1", 3, "c")))
                .isInstanceOf(StreamsException.class)
                .hasStackTraceContaining("stood still");
        assertThatThrownBy(rig::walk).isInstanceOf(StreamsException.class);
        assertThat(rig.variants().isEmpty()).isTrue();
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
    void meters_tellHowFarTheWalksAre() {
        rig.walk();
        double walked = walked("walked");
        double rebuilt = walkTags("rebuilt");
        double unchanged = walkTags("unchanged");
        rig.pipe(Images.schema2("team/app", "v1", 1, "b"));
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.walk();
        rig.request("*", 7);
        rig.walk();

        assertThat(walked("walked") - walked).isEqualTo(4);
        assertThat(walkTags("rebuilt") - rebuilt).isEqualTo(2);
        assertThat(walkTags("unchanged") - unchanged).isEqualTo(2);
        assertThat(walkTags("waiting")).isZero();
        assertThat(walkTags("failed")).isZero();
        assertThat(rig.meters().get("precast.converter.walk.remaining").gauge().value())
                .isZero();
    }

    private double walked(String name) {
        return rig.meters().get("precast.converter." + name).counter().count();
    }

    private double walkTags(String outcome) {
        return rig.meters()
                .get("precast.converter.walk.tags")
                .tag("outcome", outcome)
                .counter()
                .count();
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

    @Test
    void signatureThatFailsOnce_isMadeAgain() {
        BrittleKey brittle = brittleKeyAlone();
        brittle.fail(1);
        rig.pipe(Images.schema2("library/hello", "v2", 2, "b"));

        assertThat(signersOf(newest())).containsExactly(brittle.key().keyId());
    }

    @Test
    void walkWhoseSignerFails_keepsWhatIsPublishedAndTriesAgain() {
        BrittleKey brittle = new BrittleKey();
        rig.hold(OLD, brittle.key());
        brittle.fail(2);
        rig.say(brittle.key(), KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.walk();

        assertThat(rig.variants().isEmpty()).isTrue();
        assertThat(report()).satisfies(report -> {
            assertThat(report.done()).isTrue();
            assertThat(report.waiting()).isOne();
        });
        rig.pass(ImageWalk.SELDOM);
        rig.walk();
        assertThat(signersOf(newest())).containsExactly(brittle.key().keyId());
        assertThat(report().waiting()).isZero();
    }

    @Test
    void liveImageWhoseSignerFails_isBuiltLater() {
        BrittleKey brittle = brittleKeyAlone();
        brittle.fail(2);
        rig.pipe(Images.schema2("library/hello", "v2", 2, "b"));
        assertThat(rig.variants().isEmpty()).isTrue();
        assertThat(rig.meters()
                        .counter("precast.converter.tags", "outcome", "failed")
                        .count())
                .isOne();

        rig.walk();
        assertThat(rig.variants().isEmpty()).isTrue();
        rig.pass(ImageWalk.SELDOM);
        rig.walk();
        assertThat(signersOf(newest())).containsExactly(brittle.key().keyId());
    }

    @Test
    void tagWhoseTableImageIsOlder_isTakenBackWhenItIsTurnedOff_andElseWaits() {
        rig.pipe(Images.schema2("library/hello", "v1", 3, "c"));
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.variants().readRecordsToList();
        rig.walk();
        assertThat(rig.variants().isEmpty()).isTrue();
        assertThat(report().waiting()).isOne();

        rig.pass(ImageWalk.SELDOM);
        rig.settings().pipeInput("*", RepositorySettings.OFF);
        rig.walk();
        assertThat(rig.variants().readRecordsToList())
                .filteredOn(record -> record.key().equals("library/hello:v1"))
                .singleElement()
                .satisfies(record -> {
                    assertThat(record.value()).isNull();
                    assertThat(VersionHeader.get(record.headers())).hasValue(3);
                });
    }

    /** After a crash the table is behind what was built, until the newest records come again. */
    @Test
    void tagWhoseNewestImageComesLater_isNoLongerWaitedFor() {
        rig.pipe(Images.schema2("library/hello", "v1", 3, "c"));
        rig.pipe(Images.schema2("library/hello", "v1", 2, "b"));
        rig.say(NEW, KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.walk();
        assertThat(report().waiting()).isOne();

        rig.pipe(Images.schema2("library/hello", "v1", 3, "c"));
        rig.pass(ImageWalk.FIRST_RETRY);
        rig.walk();
        assertThat(report()).satisfies(report -> {
            assertThat(report.done()).isTrue();
            assertThat(report.waiting()).isZero();
        });
        assertThat(signersOf(newest())).containsExactly(NEW.keyId());
    }

    private BrittleKey brittleKeyAlone() {
        BrittleKey brittle = new BrittleKey();
        rig.hold(brittle.key());
        rig.say(brittle.key(), KeyState.ACTIVE, null);
        rig.say(OLD, KeyState.PREVIOUS, Instant.EPOCH);
        rig.walk();
        rig.variants().readRecordsToList();
        assertThat(rig.news()).isNotEmpty();
        return brittle;
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
