package dev.precast.converter.topology;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.schemas.record.VariantRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConverterTopologyTest {
    private static final SigningKey KEY = SigningKey.generateEc(new SecureRandom());
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());
    private static final String TAG_KEY = "library/hello:v1";

    @TempDir
    Path state;

    private TopologyTestDriver driver;
    private TestInputTopic<String, ImageRecord> images;
    private TestInputTopic<String, RepositorySettings> settings;
    private TestOutputTopic<String, VariantRecord> variants;

    @AfterEach
    void stop() {
        driver.close();
    }

    @Test
    void image_isPublishedBytesFirstThenOffers() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 5, "a"));

        List<TestRecord<String, VariantRecord>> out = variants.readRecordsToList();
        assertThat(out).hasSize(2);
        VariantManifest manifest = (VariantManifest) out.get(0).value();
        TagOffers offers = (TagOffers) out.get(1).value();
        assertThat(out.get(0).key()).isEqualTo("library/hello@" + manifest.digest());
        assertThat(out.get(1).key()).isEqualTo(TAG_KEY);
        assertThat(manifest.mediaType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
        assertThat(schema1(offers).digest()).isEqualTo(manifest.digest());
        assertThat(offers.version()).isEqualTo(5);
        assertThat(VersionHeader.get(out.get(1).headers())).hasValue(5);
        assertThat(VersionHeader.get(out.get(0).headers()).getAsLong()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void image_isSignedWithTheTimeItWasObserved() {
        settings.pipeInput("*", ON);
        ImageRecord image = Images.schema2("library/hello", "v1", 5, "a");
        pipe(image);
        String first = manifest(variants.readRecordsToList()).content();

        driver.close();
        start();
        settings.pipeInput("*", ON);
        pipe(image);

        assertThat(manifest(variants.readRecordsToList()).content()).isEqualTo(first);
    }

    @Test
    void image_withConversionOff_publishesNothing() {
        settings.pipeInput("other/*", ON);
        pipe(Images.schema2("library/hello", "v1", 5, "a"));

        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void image_seenAgain_writesNothing() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 5, "a"));
        variants.readRecordsToList();
        pipe(Images.schema2("library/hello", "v1", 6, "a"));

        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void olderObservation_isDropped() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 6, "new"));
        variants.readRecordsToList();
        pipe(Images.schema2("library/hello", "v1", 5, "old"));

        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void movedTag_keepsItsLastBuildsPullableByDigest() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "image 1"));
        Digest first = manifest(variants.readRecordsToList()).digest();
        for (int i = 2; i <= BuildPlan.PREVIOUS_BUILDS_KEPT + 1; i++) {
            pipe(Images.schema2("library/hello", "v1", i, "image " + i));
            assertThat(variants.readRecordsToList()).noneMatch(r -> r.value() == null);
        }
        pipe(Images.schema2("library/hello", "v1", 100, "image 100"));

        assertThat(tombstones(variants.readRecordsToList())).containsExactly(RecordKeys.digest("library/hello", first));
    }

    @Test
    void movedTag_backToAnEarlierImage_isPublishedAgain() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        Digest first = manifest(variants.readRecordsToList()).digest();
        pipe(Images.schema2("library/hello", "v1", 2, "b"));
        variants.readRecordsToList();
        pipe(Images.schema2("library/hello", "v1", 3, "a"));

        List<TestRecord<String, VariantRecord>> out = variants.readRecordsToList();
        assertThat(manifest(out).digest()).isEqualTo(first);
        assertThat(tombstones(out)).isEmpty();
    }

    @Test
    void goneTag_takesBackEverything() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        pipe(Images.schema2("library/hello", "v1", 2, "b"));
        List<String> published = variants.readRecordsToList().stream()
                .map(TestRecord::key)
                .distinct()
                .toList();
        tombstone(TAG_KEY, 3);

        List<TestRecord<String, VariantRecord>> out = variants.readRecordsToList();
        assertThat(tombstones(out)).containsExactlyInAnyOrderElementsOf(published);
        assertThat(out)
                .filteredOn(r -> r.key().equals(TAG_KEY))
                .singleElement()
                .satisfies(r -> assertThat(VersionHeader.get(r.headers())).hasValue(3));
    }

    @Test
    void goneTag_thenAnOlderObservation_staysGone() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        tombstone(TAG_KEY, 3);
        variants.readRecordsToList();
        pipe(Images.schema2("library/hello", "v1", 2, "a"));

        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void goneTag_ofWhichNothingIsKnown_isTakenBackOnce() {
        settings.pipeInput("library/*", ON);
        tombstone(TAG_KEY, 3);
        assertThat(variants.readRecordsToList()).singleElement().satisfies(record -> {
            assertThat(record.key()).isEqualTo(TAG_KEY);
            assertThat(record.value()).isNull();
            assertThat(VersionHeader.get(record.headers())).hasValue(3);
        });

        tombstone(TAG_KEY, 4);
        tombstone("team/app:off", 4);
        pipe(Images.schema2("library/hello", "v1", 2, "older"));
        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void wipedStores_takeBackWhatIsOffOrGone() {
        Instant before = TopologyRig.START.minusMillis(1);
        images.pipeInput("team/app:1", Images.schema2("team/app", "1", 5, "a"), before);
        @SuppressWarnings("NullAway") // A null value is a tombstone.
        TestRecord<String, ImageRecord> gone = new TestRecord<>("team/app:2", null, before);
        images.pipeInput(gone);
        images.pipeInput("team/app:3", Images.schema2("team/app", "3", 5, "a"), TopologyRig.START);

        List<TestRecord<String, VariantRecord>> out = variants.readRecordsToList();
        assertThat(tombstones(out)).containsExactly("team/app:1", "team/app:2");
        assertThat(out).hasSize(2);
        assertThat(VersionHeader.get(out.get(0).headers())).hasValue(5);
    }

    @Test
    void sharedManifest_goesWithItsLastTag() {
        settings.pipeInput("*", ON);
        pipe(Images.oci("library/hello", "v1", 50, "a"));
        pipe(Images.oci("library/hello", "v2", 20, "a"));
        List<TestRecord<String, VariantRecord>> out = variants.readRecordsToList();
        String shared = out.stream()
                .filter(r ->
                        r.value() instanceof VariantManifest m && m.mediaType().equals(MediaTypes.SCHEMA2))
                .map(TestRecord::key)
                .findFirst()
                .orElseThrow();

        tombstone("library/hello:v1", 60);
        assertThat(tombstones(variants.readRecordsToList())).doesNotContain(shared);
        tombstone("library/hello:v2", 30);
        List<TestRecord<String, VariantRecord>> last = variants.readRecordsToList();
        assertThat(tombstones(last)).contains(shared);
        // Readers drop what is older than what they have: the shared manifest was last published as of 50 or later.
        assertThat(last.stream().filter(r -> r.key().equals(shared)).findFirst().orElseThrow())
                .satisfies(r ->
                        assertThat(VersionHeader.get(r.headers()).getAsLong()).isGreaterThanOrEqualTo(50));
    }

    @Test
    void refusedImage_replacesWhatTheTagOffered() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        variants.readRecordsToList();
        pipe(Images.zstd("library/hello", "v1", 2));

        TagOffers offers = offers(variants.readRecordsToList());
        assertThat(requireNonNull(schema1(offers).refusal()).reason()).isEqualTo(RefusalReason.ZSTD_LAYER);
    }

    @Test
    void turningOn_convertsWhatWasThere() {
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        pipe(Images.schema2("team/app", "v1", 2, "b"));
        settings.pipeInput("library/*", ON);
        walk();

        assertThat(variants.readRecordsToList().stream().map(TestRecord::key))
                .contains(TAG_KEY)
                .noneMatch(key -> key.startsWith("team/"));
    }

    @Test
    void turningOff_takesBackWhatWasBuilt() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        List<String> published =
                variants.readRecordsToList().stream().map(TestRecord::key).toList();
        settings.pipeInput("*", RepositorySettings.OFF);
        walk();

        assertThat(tombstones(variants.readRecordsToList())).containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void turningOffAndOn_publishesTheSameBytesAgain() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        VariantManifest before = manifest(variants.readRecordsToList());
        settings.pipeInput("*", RepositorySettings.OFF);
        walk();
        variants.readRecordsToList();
        settings.pipeInput("*", ON);
        walk();

        assertThat(manifest(variants.readRecordsToList())).isEqualTo(before);
    }

    @Test
    void walk_thatChangesNothing_writesNothing() {
        settings.pipeInput("*", ON);
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        variants.readRecordsToList();
        settings.pipeInput("library/*", ON);
        walk();

        assertThat(variants.isEmpty()).isTrue();
    }

    @Test
    void walk_overtakenByALiveRecord_neverPublishesTheOlderImageAfterIt() {
        pipe(Images.schema2("library/hello", "v1", 1, "a"));
        settings.pipeInput("*", ON);
        driver.advanceWallClockTime(ImageWalk.PAUSE);
        pipe(Images.schema2("library/hello", "v1", 2, "b"));
        walk();

        List<Long> versions = variants.readRecordsToList().stream()
                .filter(r -> r.key().equals(TAG_KEY))
                .map(r -> VersionHeader.get(r.headers()).getAsLong())
                .toList();
        assertThat(versions).isSorted().endsWith(2L);
    }

    @Test
    void unreadableRecord_goesToTheDeadLettersAndTheStreamGoesOn() {
        settings.pipeInput("*", ON);
        TestInputTopic<String, byte[]> raw = driver.createInputTopic(
                TopicCatalogue.IMAGES.name(), new StringSerializer(), new ByteArraySerializer());
        raw.pipeInput("library/bad:v1", "{not json".getBytes(StandardCharsets.UTF_8));
        pipe(Images.schema2("library/hello", "v1", 1, "a"));

        TestOutputTopic<String, String> letters = driver.createOutputTopic(
                TopicCatalogue.DEAD_LETTERS.name(), new StringDeserializer(), new StringDeserializer());
        assertThat(letters.readValue()).contains("UNREADABLE_RECORD").contains("precast-images-0@");
        assertThat(offers(variants.readRecordsToList()).repository()).isEqualTo("library/hello");
    }

    @BeforeEach
    void start() {
        TopologyRig rig = new TopologyRig(state, HeldKeys.of(List.of(KEY)));
        driver = rig.driver();
        images = rig.images();
        settings = rig.settings();
        variants = rig.variants();
        rig.say(KEY, KeyState.ACTIVE, null);
    }

    private void pipe(ImageRecord image) {
        images.pipeInput(RecordKeys.tag(image.repository(), image.tag()), image);
    }

    private void tombstone(String key, long version) {
        RecordHeaders headers = new RecordHeaders();
        VersionHeader.put(headers, version);
        @SuppressWarnings("NullAway") // A null value is a tombstone.
        TestRecord<String, ImageRecord> tombstone = new TestRecord<>(key, null, headers);
        images.pipeInput(tombstone);
    }

    private void walk() {
        for (int i = 0; i < 5; i++) {
            driver.advanceWallClockTime(ImageWalk.PAUSE.plus(Duration.ofMillis(1)));
        }
    }

    private static List<String> tombstones(List<TestRecord<String, VariantRecord>> records) {
        return records.stream()
                .filter(r -> r.value() == null)
                .map(TestRecord::key)
                .toList();
    }

    private static VariantManifest manifest(List<TestRecord<String, VariantRecord>> records) {
        return records.stream()
                .map(TestRecord::value)
                .filter(VariantManifest.class::isInstance)
                .map(VariantManifest.class::cast)
                .filter(m -> m.mediaType().equals(MediaTypes.SCHEMA1_SIGNED))
                .findFirst()
                .orElseThrow();
    }

    private static TagOffers offers(List<TestRecord<String, VariantRecord>> records) {
        return records.stream()
                .map(TestRecord::value)
                .filter(TagOffers.class::isInstance)
                .map(TagOffers.class::cast)
                .findFirst()
                .orElseThrow();
    }

    private static TagOffers.Offer schema1(TagOffers offers) {
        TagOffers.@Nullable Offer offer = offers.offers().get(MediaTypes.SCHEMA1_SIGNED);
        return requireNonNull(offer);
    }
}
