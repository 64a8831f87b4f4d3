package dev.precast.converter.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.VariantManifest;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BuildPlanTest {
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());
    private static final SigningKey KEY = SigningKey.generateEc(new SecureRandom());
    private static final SigningKey OTHER_KEY = SigningKey.generateEc(new SecureRandom());
    private static final Desired DESIRED = new Desired(ON, List.of(KEY), false);
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

        assertThat(BuildPlan.upToDate(built, IMAGE, new Desired(ON, List.of(OTHER_KEY), false)))
                .isFalse();
        assertThat(BuildPlan.upToDate(built, IMAGE, new Desired(ON, List.of(KEY, OTHER_KEY), false)))
                .isFalse();
    }

    @Test
    void upToDate_withTheEphemeralKeyOfAnEarlierRun() {
        Built built = BuildPlan.build(null, IMAGE, new Desired(ON, List.of(KEY), true), 0)
                .built();

        assertThat(BuildPlan.upToDate(built, IMAGE, new Desired(ON, List.of(OTHER_KEY), true)))
                .isTrue();
        assertThat(BuildPlan.upToDate(built, IMAGE, new Desired(ON, List.of(OTHER_KEY), false)))
                .isFalse();
    }

    @Test
    void upToDate_untilThePlatformsChange() {
        Built built = BuildPlan.build(null, IMAGE, DESIRED, 0).built();
        RepositorySettings arm = new RepositorySettings(true, List.of("linux/arm64"));

        assertThat(BuildPlan.upToDate(built, IMAGE, new Desired(arm, List.of(KEY), false)))
                .isFalse();
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
        Built built =
                new Built(5, 7, "content", IMAGE.observedAt(), "with", Set.of(), List.of(), Set.of(Digest.EMPTY_LAYER));

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
}
