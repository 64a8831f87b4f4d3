package dev.precast.converter.topology;

import static dev.precast.schemas.image.MediaTypes.SCHEMA1_SIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class BuildPlanTest {
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());
    private static final SigningKey KEY = SigningKey.generateEc(new SecureRandom());
    private static final SigningKey OTHER_KEY = SigningKey.generateEc(new SecureRandom());
    private static final Desired DESIRED = by(ON, KEY);
    private static final ImageRecord IMAGE = Images.schema2("library/hello", "v1", 5, "a");

    @Test
    void upToDate_untilTheImageChanges() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();

        assertThat(BuildPlan.upToDate(built, IMAGE, DESIRED)).isTrue();
        assertThat(BuildPlan.upToDate(built, Images.schema2("library/hello", "v1", 6, "b"), DESIRED))
                .isFalse();
        assertThat(BuildPlan.upToDate(null, IMAGE, DESIRED)).isFalse();
    }

    @Test
    void upToDate_untilTheKeysChange() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();

        assertThat(BuildPlan.upToDate(built, IMAGE, by(ON, OTHER_KEY))).isFalse();
        assertThat(BuildPlan.upToDate(built, IMAGE, by(ON, KEY, OTHER_KEY))).isFalse();
    }

    @Test
    void upToDate_withTheEphemeralKeyOfAnEarlierRun() {
        Built built = BuildPlan.build(null, IMAGE, ephemeral(KEY), 0).built();

        assertThat(BuildPlan.upToDate(built, IMAGE, ephemeral(OTHER_KEY))).isTrue();
        assertThat(BuildPlan.upToDate(built, IMAGE, by(ON, OTHER_KEY))).isFalse();
    }

    @Test
    void upToDate_untilThePlatformsChange() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();
        RepositorySettings arm = new RepositorySettings(true, List.of("linux/arm64"));

        assertThat(BuildPlan.upToDate(built, IMAGE, by(arm, KEY))).isFalse();
    }

    @Test
    void build_ofTheSameContentSeenLater_keepsTheTimeOfTheSignature() {
        BuildPlan first = BuildPlan.build(null, IMAGE, DESIRED, 0);
        BuildPlan again = BuildPlan.build(first.built(), Images.schema2("library/hello", "v1", 9, "a"), DESIRED, 1);

        assertThat(again.manifests()).isEqualTo(first.manifests());
        assertThat(again.released()).isEmpty();
    }

    @Test
    void build_ofTheSameRecordAgain_takesBackAgain() {
        Built built = new Built(
                5,
                7,
                "content",
                IMAGE.observedAt(),
                "with",
                "out",
                "offers",
                Set.of(),
                List.of(),
                Set.of(Digest.EMPTY_LAYER));

        assertThat(BuildPlan.build(built, IMAGE, DESIRED, 7).released()).contains(Digest.EMPTY_LAYER);
        assertThat(BuildPlan.build(built, IMAGE, DESIRED, 8).released()).doesNotContain(Digest.EMPTY_LAYER);
    }

    @Test
    void takeBack_ofTheSameRecordAgain_takesBackTheSame() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();
        BuildPlan gone = BuildPlan.takeBack(built, 6, 1);
        BuildPlan again = BuildPlan.takeBack(gone.built(), 6, 1);

        assertThat(gone.released()).containsExactlyInAnyOrderElementsOf(built.digests());
        assertThat(again.released()).isEqualTo(gone.released());
        assertThat(again.version()).isEqualTo(6);
    }

    @Test
    void build_carriesTheImagesVersion() {
        BuildPlan plan = BuildPlan.build(null, IMAGE, DESIRED, 0);

        assertThat(plan.version()).isEqualTo(5);
        assertThat(plan.offers())
                .isNotNull()
                .satisfies(offers -> assertThat(offers.version()).isEqualTo(5));
        assertThat(plan.built().digests())
                .containsExactlyElementsOf(
                        plan.manifests().stream().map(VariantManifest::digest).toList());
    }

    @Test
    void upToDate_whenOnlySignaturesAreMissingThatCannotBeMadeHere() {
        Built byOther = BuildPlan.build(null, IMAGE, by(ON, OTHER_KEY), 0).built();
        Built byKey = BuildPlan.build(null, IMAGE, by(ON, KEY), 0).built();
        Built byBoth = BuildPlan.build(null, IMAGE, by(ON, KEY, OTHER_KEY), 0).built();
        Desired lacking = new Desired(
                ON,
                new Signers(Set.of(KEY.keyId(), OTHER_KEY.keyId()), List.of(KEY), Set.of(OTHER_KEY.keyId()), Set.of()),
                0);

        assertThat(BuildPlan.upToDate(byKey, IMAGE, lacking)).isTrue();
        assertThat(BuildPlan.upToDate(byOther, IMAGE, lacking)).isTrue();
        assertThat(BuildPlan.upToDate(byBoth, IMAGE, lacking)).isTrue();
        assertThat(BuildPlan.build(null, IMAGE, lacking, 0).built().builtWith()).isEqualTo(byKey.builtWith());
    }

    @Test
    void build_afterAKeyWasRetired_takesBackEarlierBuildsByIt() {
        Built first = BuildPlan.build(null, IMAGE, by(ON, KEY), 0).built();
        ImageRecord moved = Images.schema2("library/hello", "v1", 6, "b");
        Built second = BuildPlan.build(first, moved, by(ON, OTHER_KEY), 1).built();
        Desired retired = new Desired(
                ON, new Signers(Set.of(OTHER_KEY.keyId()), List.of(OTHER_KEY), Set.of(), Set.of(KEY.keyId())), 0);

        assertThat(BuildPlan.upToDate(second, moved, by(ON, OTHER_KEY))).isTrue();
        assertThat(BuildPlan.upToDate(second, moved, retired)).isFalse();
        assertThat(BuildPlan.build(second, moved, retired, 2).released()).isEqualTo(first.digests());
    }

    @Test
    void build_again_saysTheSame() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();

        assertThat(BuildPlan.build(built, IMAGE, DESIRED, 1).saysTheSameAs(built))
                .isTrue();
        assertThat(BuildPlan.build(built, IMAGE, by(ON, OTHER_KEY), 1).saysTheSameAs(built))
                .isFalse();
    }

    @Test
    void build_byAnotherKey_saysTheSignedManifestAndNoOffers() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();
        BuildPlan resigned = BuildPlan.build(built, IMAGE, by(ON, OTHER_KEY), -1);

        assertThat(resigned.manifests()).extracting(VariantManifest::mediaType).containsExactly(SCHEMA1_SIGNED);
        assertThat(resigned.claimed()).isEmpty();
        assertThat(resigned.saysOffers()).isFalse();
    }

    @Test
    void build_ofALaterObservation_saysTheOffersWithTheirNewVersion() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();

        assertThat(BuildPlan.build(built, Images.schema2("library/hello", "v1", 9, "a"), DESIRED, 1)
                        .saysOffers())
                .isTrue();
    }

    @Test
    void build_ofTheSameRecordAgain_saysEverythingAgain_alsoAfterAWalk() {
        BuildPlan first = BuildPlan.build(null, IMAGE, DESIRED, 7);
        Built walked =
                BuildPlan.build(first.built(), IMAGE, by(ON, OTHER_KEY), -1).built();
        BuildPlan again = BuildPlan.build(walked, IMAGE, by(ON, OTHER_KEY), walked.sourceOffset());

        assertThat(walked.sourceOffset()).isEqualTo(7);
        assertThat(again.saysOffers()).isTrue();
        assertThat(again.claimed()).isEqualTo(first.built().allDigests());
        assertThat(again.manifests()).hasSameSizeAs(first.manifests());
    }

    @Test
    void build_byAWalk_keepsWhatTheRecordHadReleased() {
        Built moved = BuildPlan.build(null, IMAGE, DESIRED, 7).built();
        Built released = released(moved, Digest.EMPTY_LAYER);
        Built walked = BuildPlan.build(released, IMAGE, by(ON, OTHER_KEY), -1).built();

        assertThat(BuildPlan.build(walked, IMAGE, by(ON, OTHER_KEY), 7).released())
                .containsExactly(Digest.EMPTY_LAYER);
    }

    @Test
    void build_afterDoubt_saysEverything() {
        Built doubtful = BuildPlan.build(null, IMAGE, DESIRED, 7).built().doubtful();
        BuildPlan plan = BuildPlan.build(doubtful, IMAGE, DESIRED, -1);

        assertThat(plan.saysOffers()).isTrue();
        assertThat(plan.claimed()).isNotEmpty();
    }

    @Test
    void build_afterDoubt_isTakenBackWhenItsKeyWasRetired() {
        Built doubtful = BuildPlan.build(null, IMAGE, DESIRED, 7).built().doubtful();
        ImageRecord moved = Images.schema2("library/hello", "v1", 6, "b");
        Built second = BuildPlan.build(doubtful, moved, by(ON, OTHER_KEY), 8).built();
        Desired retired = new Desired(
                ON, new Signers(Set.of(OTHER_KEY.keyId()), List.of(OTHER_KEY), Set.of(), Set.of(KEY.keyId())), 0);

        assertThat(BuildPlan.upToDate(second, moved, retired)).isFalse();
        assertThat(BuildPlan.build(second, moved, retired, 9).released()).isEqualTo(doubtful.digests());
    }

    @Test
    void build_afterDoubt_takesBackAgainWhatTheRecordHadReleased() {
        Built moved = BuildPlan.build(null, IMAGE, DESIRED, 7).built();
        Built doubtful = released(moved, Digest.EMPTY_LAYER).doubtful();

        assertThat(BuildPlan.build(doubtful, IMAGE, DESIRED, -1).released()).containsExactly(Digest.EMPTY_LAYER);
        assertThat(BuildPlan.takeBack(doubtful, 8, -1).released()).contains(Digest.EMPTY_LAYER);
    }

    @Test
    void doubt_isNeverUpToDate_alsoAsOlderReleasesStoredIt() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 7).built();
        Built older = new Built(
                built.version(),
                built.sourceOffset(),
                built.content(),
                built.observedAt(),
                "doubtful",
                "doubtful",
                null,
                built.digests(),
                List.of(),
                Set.of());

        assertThat(BuildPlan.upToDate(built.doubtful(), IMAGE, DESIRED)).isFalse();
        assertThat(built.doubtful().doubtful().keys()).containsExactly(KEY.keyId());
        assertThat(BuildPlan.upToDate(older, IMAGE, DESIRED)).isFalse();
        assertThat(older.isDoubtful()).isTrue();
        assertThat(older.keys()).isEmpty();
    }

    @Test
    void nothing_inDoubt_isTakenBackAgain() {
        Built nothing = Built.nothing(5, 7, Set.of(Digest.EMPTY_LAYER)).doubtful();
        Desired off = by(new RepositorySettings(false, List.of()), KEY);

        assertThat(Visit.to(nothing, IMAGE, off, false).plan())
                .isNotNull()
                .satisfies(plan -> assertThat(plan.released()).containsExactly(Digest.EMPTY_LAYER));
    }

    /** The same, of a record that took back one more. */
    private static Built released(Built built, Digest digest) {
        return new Built(
                built.version(),
                built.sourceOffset(),
                built.content(),
                built.observedAt(),
                built.builtWith(),
                built.output(),
                built.offers(),
                built.digests(),
                List.of(),
                Set.of(digest));
    }

    private static Desired by(RepositorySettings settings, SigningKey... keys) {
        Set<String> ids = Arrays.stream(keys).map(SigningKey::keyId).collect(Collectors.toSet());
        return new Desired(settings, new Signers(ids, List.of(keys), Set.of(), Set.of()), 0);
    }

    private static Desired ephemeral(SigningKey key) {
        return new Desired(ON, new Signers(BuiltWith.EPHEMERAL, List.of(key), Set.of(), Set.of()), 0);
    }
}
