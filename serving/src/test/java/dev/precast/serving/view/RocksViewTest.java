package dev.precast.serving.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Images;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

class RocksViewTest {
    private static final Reference TAG = new Reference("library/hello", "v1");
    private static final TopicPartition PARTITION = new TopicPartition("precast-variants", 3);
    private static final String TAG_KEY = "library/hello:v1";

    private final VariantManifest manifest = Images.schema1("library/hello", "v1");
    private final String manifestKey = RecordKeys.digest("library/hello", manifest.digest());

    @TempDir
    Path directory;

    private ViewStorage storage = new ViewStorage(1 << 20);
    private RocksView view;

    @BeforeEach
    void open() throws RocksDBException {
        view = RocksView.create(directory.resolve("view-1"), storage);
    }

    @AfterEach
    void close() {
        view.close();
        storage.close();
    }

    @Test
    void manifest_asWritten() throws Exception {
        apply(new ViewChange.PutManifest(manifestKey, 5, manifest));
        StoredManifest stored =
                view.manifest("library/hello", manifest.digest()).orElseThrow();
        assertThat(content(stored)).isEqualTo(manifest.content());
        assertThat(stored.length()).isEqualTo(manifest.bytes().length);
        assertThat(stored.mediaType()).isEqualTo(MediaTypes.SCHEMA1_SIGNED);
        assertThat(stored.from()).isEqualTo(Images.ROOT);
        assertThat(view.manifest("library/hell", manifest.digest())).isEmpty();
    }

    @Test
    void manifest_storedOneHasNoSource() throws Exception {
        VariantManifest stored =
                new VariantManifest("library/hello", manifest.digest(), manifest.mediaType(), manifest.content(), null);
        apply(new ViewChange.PutManifest(manifestKey, 5, stored));
        assertThat(view.manifest("library/hello", manifest.digest())
                        .orElseThrow()
                        .from())
                .isNull();
    }

    @Test
    void offers_asWritten() throws Exception {
        TagOffers offers = offers(7);
        apply(new ViewChange.PutOffers(TAG_KEY, 7, offers));
        assertThat(view.offers(TAG)).hasValue(offers);
        assertThat(view.offers(new Reference("library/hello", "v2"))).isEmpty();
    }

    @Test
    void apply_dropsWhatIsOlder() throws Exception {
        assertThat(apply(new ViewChange.PutOffers(TAG_KEY, 7, offers(7)))).isEqualTo(new RocksView.Outcome(1, 0));
        assertThat(apply(new ViewChange.PutOffers(TAG_KEY, 6, offers(6)), new ViewChange.DeleteVariant(TAG_KEY, 5)))
                .isEqualTo(new RocksView.Outcome(0, 2));
        assertThat(view.offers(TAG)).hasValue(offers(7));
    }

    @Test
    void apply_takesTheSameVersionAgain() throws Exception {
        apply(new ViewChange.PutOffers(TAG_KEY, 7, offers(7)));
        TagOffers signedAnew = Images.offers("library/hello", "v1", 7, MediaTypes.OCI_MANIFEST, manifest);
        apply(new ViewChange.PutOffers(TAG_KEY, 7, signedAnew));
        assertThat(view.offers(TAG)).hasValue(signedAnew);
    }

    @Test
    void apply_withinOneBatch() throws Exception {
        apply(
                new ViewChange.PutOffers(TAG_KEY, 7, offers(7)),
                new ViewChange.PutOffers(TAG_KEY, 9, offers(9)),
                new ViewChange.PutOffers(TAG_KEY, 8, offers(8)));
        assertThat(view.offers(TAG)).hasValue(offers(9));
    }

    @Test
    void tombstone_keepsItsVersion() throws Exception {
        apply(new ViewChange.PutManifest(manifestKey, 5, manifest), new ViewChange.PutOffers(TAG_KEY, 7, offers(7)));
        apply(new ViewChange.DeleteVariant(manifestKey, 6), new ViewChange.DeleteVariant(TAG_KEY, 8));
        reopen();
        apply(new ViewChange.PutManifest(manifestKey, 5, manifest), new ViewChange.PutOffers(TAG_KEY, 7, offers(7)));
        assertThat(view.manifest("library/hello", manifest.digest())).isEmpty();
        assertThat(view.offers(TAG)).isEmpty();
        apply(new ViewChange.PutOffers(TAG_KEY, 9, offers(9)));
        assertThat(view.offers(TAG)).hasValue(offers(9));
    }

    @Test
    void settings_surviveReopening() throws Exception {
        RepositorySettings on = new RepositorySettings(true, List.of());
        apply(
                new ViewChange.PutSettings("library/*", on),
                new ViewChange.PutSettings("*", on),
                new ViewChange.DeleteSettings("*"));
        reopen();
        assertThat(view.settings().inForce("library/hello").schemaConversion()).isTrue();
        assertThat(view.settings().inForce("other").schemaConversion()).isFalse();
    }

    @Test
    void position_survivesReopening() throws Exception {
        assertThat(view.position().next(PARTITION)).isEmpty();
        assertThat(view.position().checkpoint()).isEmpty();
        view.apply(List.of(), Map.of(PARTITION, new OffsetAndMetadata(42, Optional.of(7), "")));
        view.rememberTopics(Map.of("precast-variants", "id-1"));
        view.rememberCheckpoint(Instant.ofEpochMilli(1_234), true);
        view.rememberCheckpoint(Instant.ofEpochMilli(5_678), false);
        reopen();
        assertThat(view.position().next(PARTITION)).hasValue(new OffsetAndMetadata(42, Optional.of(7), ""));
        assertThat(view.position().next(new TopicPartition("precast-variants", 2)))
                .isEmpty();
        assertThat(view.position().topicId("precast-variants")).hasValue("id-1");
        assertThat(view.position().checkpoint()).hasValue(Instant.ofEpochMilli(5_678));
        assertThat(view.position().fullAt()).hasValue(Instant.ofEpochMilli(1_234));
    }

    @Test
    void skippedRecord_movesThePositionOnly() throws Exception {
        RocksView.Outcome outcome =
                view.apply(List.of(new ViewChange.Skip("broken")), Map.of(PARTITION, new OffsetAndMetadata(1)));
        assertThat(outcome).isEqualTo(new RocksView.Outcome(0, 0));
        assertThat(view.position().next(PARTITION)).hasValue(new OffsetAndMetadata(1));
    }

    @Test
    void offers_everyForm() throws Exception {
        Map<String, Offer> offers = Map.of(
                MediaTypes.SCHEMA1_SIGNED,
                Offer.of(Digest.parse("sha512:" + "0f".repeat(64))),
                MediaTypes.SCHEMA2,
                Offer.refused(new Refusal(RefusalReason.ZSTD_LAYER, "layer 3 äöü " + "x".repeat(100_000))),
                "application/x-other",
                Offer.of(Images.ROOT));
        TagOffers every =
                new TagOffers("library/hello", "v1", 7, manifest.digest(), "application/x-root", offers, "built");
        TagOffers none = new TagOffers("library/hello", "v1", 8, manifest.digest(), null, Map.of(), "");
        apply(new ViewChange.PutOffers(TAG_KEY, 7, every));
        assertThat(view.offers(TAG)).hasValue(every);
        apply(new ViewChange.PutOffers(TAG_KEY, 8, none));
        assertThat(view.offers(TAG)).hasValue(none);
    }

    @Test
    void valueUnderAnotherKey_isDamage() {
        byte[] key = manifestKey.getBytes(StandardCharsets.UTF_8);
        byte[] value = ValueCodec.manifest(key, 5, manifest);
        byte[] otherKey = "library/other@x".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ValueCodec.readManifest(manifest.digest(), otherKey, value))
                .isInstanceOf(DamagedViewException.class);
    }

    @Test
    void everyFlippedByte_isDamage() {
        byte[] key = manifestKey.getBytes(StandardCharsets.UTF_8);
        byte[] value = ValueCodec.manifest(key, 5, manifest);
        for (int i = 0; i < value.length; i++) {
            byte[] flipped = value.clone();
            flipped[i] ^= 1;
            assertThatThrownBy(() -> ValueCodec.readManifest(manifest.digest(), key, flipped))
                    .as("byte %d", i)
                    .isInstanceOf(DamagedViewException.class);
        }
        for (int length = 0; length < value.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(value, length);
            assertThatThrownBy(() -> ValueCodec.readManifest(manifest.digest(), key, cut))
                    .as("%d bytes", length)
                    .isInstanceOf(DamagedViewException.class);
        }
    }

    private TagOffers offers(long version) {
        return Images.offers("library/hello", "v1", version, MediaTypes.SCHEMA2, manifest);
    }

    private RocksView.Outcome apply(ViewChange... changes) throws RocksDBException {
        return view.apply(List.of(changes), Map.of(PARTITION, new OffsetAndMetadata(1)));
    }

    private void reopen() throws RocksDBException {
        view.close();
        view = RocksView.open(directory.resolve("view-1"), storage);
    }

    private static String content(StoredManifest manifest) {
        return StandardCharsets.UTF_8.decode(manifest.buffer()).toString();
    }
}
