package dev.precast.converter;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.converter.Conversion.Schema1;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers.Offer;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.testkit.ImageCorpus;
import dev.precast.testkit.TestImage;
import dev.precast.testkit.TestImage.Content;
import dev.precast.testkit.TestImageBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageConverterTest {
    private static final String SCHEMA1 = "{\"schemaVersion\":1,\"name\":\"a\",\"fsLayers\":[],\"history\":[]}";

    @Test
    void convert_schema2_offersNothingButSchema1() {
        ImageRecord image = ImageCorpus.image("layers-5").record();

        Conversion conversion = convert(image);

        assertThat(conversion.rootMediaType()).isEqualTo(MediaTypes.SCHEMA2);
        assertThat(conversion.offers()).isEmpty();
        assertThat(conversion.manifests()).isEmpty();
        assertThat(conversion.schema1())
                .isInstanceOfSatisfying(
                        Schema1.Payload.class,
                        payload -> assertThat(payload.from()).isEqualTo(image.rootDigest()));
    }

    @Test
    void convert_list_offersTheChildUntouched() {
        ImageRecord image = ImageCorpus.image("list").record();
        Blob amd64 = image.children().get(1);

        Conversion conversion = convert(image);

        assertThat(conversion.offers()).containsOnlyKeys(MediaTypes.SCHEMA2);
        assertThat(conversion.offers()).containsEntry(MediaTypes.SCHEMA2, Offer.of(amd64.digest()));
        assertThat(conversion.manifests())
                .containsExactly(new VariantManifest(
                        image.repository(), amd64.digest(), MediaTypes.SCHEMA2, amd64.content(), null));
        assertThat(conversion.schema1())
                .isInstanceOfSatisfying(
                        Schema1.Payload.class,
                        payload -> assertThat(payload.from()).isEqualTo(amd64.digest()));
    }

    @Test
    void convert_ociManifest_offersSchema2BuiltFromIt() {
        ImageRecord image = ImageCorpus.image("oci").record();

        Conversion conversion = convert(image);

        assertThat(conversion.manifests()).singleElement().satisfies(manifest -> {
            assertThat(manifest.from()).isEqualTo(image.rootDigest());
            assertThat(manifest.mediaType()).isEqualTo(MediaTypes.SCHEMA2);
            assertThat(manifest.digest()).isEqualTo(Digest.sha256(manifest.bytes()));
            assertThat(conversion.offers()).containsOnly(entry(MediaTypes.SCHEMA2, Offer.of(manifest.digest())));
        });
    }

    @Test
    void convert_ociIndex_offersListAfterItsChildren() {
        ImageRecord image = ImageCorpus.image("index-attestations").record();

        Conversion conversion = convert(image);

        assertThat(conversion.manifests())
                .extracting(VariantManifest::mediaType)
                .containsExactly(MediaTypes.SCHEMA2, MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
        assertThat(conversion.manifests())
                .extracting(VariantManifest::from)
                .containsExactly(
                        image.children().get(0).digest(),
                        image.children().get(2).digest(),
                        image.rootDigest());
        assertThat(conversion.offers())
                .containsOnly(
                        entry(
                                MediaTypes.SCHEMA2,
                                Offer.of(conversion.manifests().get(0).digest())),
                        entry(
                                MediaTypes.MANIFEST_LIST,
                                Offer.of(conversion.manifests().get(2).digest())));
        assertThat(conversion.manifests().get(2).content())
                .contains(conversion.manifests().get(0).digest().toString())
                .contains(conversion.manifests().get(1).digest().toString())
                .doesNotContain("unknown");
    }

    @Test
    void convert_ociIndexWithRefusedChild_leavesItOutOfTheList() {
        ImageRecord image = ImageCorpus.image("index-zstd").record();

        Conversion conversion = convert(image);

        assertThat(refusal(conversion.offers().get(MediaTypes.SCHEMA2))).isEqualTo(RefusalReason.ZSTD_LAYER);
        assertThat(conversion.manifests())
                .extracting(VariantManifest::mediaType)
                .containsExactly(MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
        assertThat(conversion.manifests().get(1).content()).contains("arm64").doesNotContain("amd64");
    }

    @Test
    void convert_ociIndexWithNothingLeft_refusesTheListWithTheFirstReason() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content zstd = image.image(
                MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, new byte[] {'{', '}'}, MediaTypes.OCI_LAYER_ZSTD, "z");
        image.list(MediaTypes.OCI_INDEX, image.child(zstd, "linux", "arm64"));

        Conversion conversion = convert(image.build().record());

        assertThat(refusal(conversion.offers().get(MediaTypes.MANIFEST_LIST))).isEqualTo(RefusalReason.ZSTD_LAYER);
        assertThat(refusal(conversion.offers().get(MediaTypes.SCHEMA2))).isEqualTo(RefusalReason.NO_SUITABLE_PLATFORM);
        assertThat(conversion.manifests()).isEmpty();
    }

    @Test
    void convert_chosenChildMissing_isRefused() {
        ImageRecord image = ImageCorpus.image("index").record();

        Conversion conversion = convert(without(image, List.of(image.children().get(1)), image.configs()));

        assertThat(refusal(conversion.schema1())).isEqualTo(RefusalReason.BLOB_MISSING);
        assertThat(refusal(conversion.offers().get(MediaTypes.SCHEMA2))).isEqualTo(RefusalReason.BLOB_MISSING);
        assertThat(conversion.manifests())
                .extracting(VariantManifest::mediaType)
                .containsExactly(MediaTypes.SCHEMA2, MediaTypes.MANIFEST_LIST);
    }

    @Test
    void convert_configMissing_refusesSchema1Only() {
        ImageRecord image = ImageCorpus.image("oci").record();

        Conversion conversion = convert(without(image, List.of(), List.of()));

        assertThat(refusal(conversion.schema1())).isEqualTo(RefusalReason.BLOB_MISSING);
        assertThat(requireNonNull(conversion.offers().get(MediaTypes.SCHEMA2)).digest())
                .isNotNull();
    }

    @Test
    void convert_storedSchema1_isReturnedAsIs() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        image.manifest(MediaTypes.SCHEMA1_SIGNED, SCHEMA1);
        ImageRecord record = image.build().record();

        Conversion conversion = convert(record);

        assertThat(conversion.schema1()).isEqualTo(new Schema1.Stored(requireNonNull(record.root())));
        assertThat(conversion.offers()).isEmpty();
    }

    @Test
    void convert_schema1Child_isReturnedAsIs() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content child = image.manifest(MediaTypes.SCHEMA1_SIGNED, SCHEMA1);
        image.list(MediaTypes.MANIFEST_LIST, image.child(child, "linux", "amd64"));
        ImageRecord record = image.build().record();

        Conversion conversion = convert(record);

        assertThat(conversion.schema1())
                .isEqualTo(new Schema1.Stored(record.children().get(0)));
        assertThat(conversion.offers()).isEmpty();
    }

    @Test
    void convert_artifactUnderAnImagesPlatform_isPassedOver() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content artifact = image.image(
                MediaTypes.OCI_MANIFEST, "application/vnd.example+json", new byte[] {'{', '}'}, "text/plain", "x");
        Content real = image.oci(TestImageBuilder.config(1), "a");
        image.list(MediaTypes.OCI_INDEX, image.child(artifact, "linux", "amd64"), image.child(real, "linux", "amd64"));

        assertThat(convert(image.build().record()).schema1())
                .isInstanceOfSatisfying(
                        Schema1.Payload.class,
                        payload -> assertThat(payload.from()).isEqualTo(real.digest()));
    }

    @Test
    void convert_childOfAnotherTypeThanTheListSays_isRefused() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content child = image.oci(TestImageBuilder.config(1), "a");
        Content liar = new Content(MediaTypes.SCHEMA2, child.bytes());
        image.list(MediaTypes.MANIFEST_LIST, image.child(liar, "linux", "amd64"));

        assertThat(refusal(convert(image.build().record()).schema1())).isEqualTo(RefusalReason.MALFORMED_MANIFEST);
    }

    @Test
    void convert_heldForeignLayer_converts() {
        ImageRecord image = ImageCorpus.image("foreign-layer").record();
        ImageRecord held = new ImageRecord(
                image.repository(),
                image.tag(),
                image.version(),
                image.observedAt(),
                image.rootDigest(),
                image.root(),
                image.children(),
                image.configs(),
                List.of(Digest.sha256("layer base\n".getBytes(StandardCharsets.UTF_8))),
                null);

        assertThat(convert(held).schema1()).isInstanceOf(Schema1.Payload.class);
    }

    @Test
    void convert_wantedPlatform_isTaken() {
        ImageRecord image = ImageCorpus.image("list-no-amd64").record();

        Conversion conversion = ImageConverter.convert(
                image, new RepositorySettings(true, List.of("linux/amd64", "linux/s390x", "linux/arm64")));

        assertThat(conversion.schema1())
                .isInstanceOfSatisfying(
                        Schema1.Payload.class,
                        payload -> assertThat(payload.from())
                                .isEqualTo(image.children().get(1).digest()));
    }

    @ParameterizedTest
    @CsvSource({"index, 2", "oci, 1", "list, 1", "layers-1, 0"})
    void convert_faultFoundWhileReading_refusesEveryOlderFormat(String item, int offers) {
        ImageRecord image = ImageCorpus.image(item).record();
        ImageRecord faulty = withRefusal(image, image.root());

        Conversion conversion = convert(faulty);

        assertThat(refusal(conversion.schema1())).isEqualTo(RefusalReason.DIGEST_MISMATCH);
        assertThat(conversion.offers().values())
                .hasSize(offers)
                .allSatisfy(offer -> assertThat(refusal(offer)).isEqualTo(RefusalReason.DIGEST_MISMATCH));
    }

    @Test
    void convert_rootMissing_isRefusedWithTheRecordsReason() {
        Conversion conversion = convert(withRefusal(ImageCorpus.image("oci").record(), null));

        assertThat(conversion.rootMediaType()).isNull();
        assertThat(refusal(conversion.schema1())).isEqualTo(RefusalReason.DIGEST_MISMATCH);
    }

    @Test
    void convert_indexOfArtifactsOnly_isNotAnImage() {
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content chart = image.manifest("application/vnd.example+json", "{}");
        image.list(MediaTypes.OCI_INDEX, image.child(chart, "linux", "amd64"));

        Conversion conversion = convert(image.build().record());

        assertThat(refusal(conversion.schema1())).isEqualTo(RefusalReason.NOT_AN_IMAGE);
        assertThat(refusal(conversion.offers().get(MediaTypes.MANIFEST_LIST))).isEqualTo(RefusalReason.NOT_AN_IMAGE);
    }

    @Test
    void convert_ociManifestThatGrowsBeyondTheManifestLimit_isRefused() {
        String url = "\"https://a/" + "&".repeat(500_000) + "\"";
        TestImageBuilder image = new TestImageBuilder("a", "");
        Content stored = image.oci(TestImageBuilder.config(1), "a");
        String urls = new String(stored.bytes(), StandardCharsets.UTF_8)
                .replace("\"layers\": [{", "\"layers\": [{\"urls\":[" + url + "," + url + "],");
        image.manifest(MediaTypes.OCI_MANIFEST, urls);

        assertThat(refusal(convert(image.build().record()).offers().get(MediaTypes.SCHEMA2)))
                .isEqualTo(RefusalReason.TOO_LARGE);
    }

    @Test
    void convert_sameInput_isTheSame() {
        for (TestImage image : List.of(ImageCorpus.image("index"), ImageCorpus.image("oci"))) {
            assertThat(convert(image.record())).isEqualTo(convert(image.record()));
        }
    }

    private static Conversion convert(ImageRecord image) {
        return ImageConverter.convert(image, RepositorySettings.OFF);
    }

    private static Map.Entry<String, Offer> entry(String type, Offer offer) {
        return Map.entry(type, offer);
    }

    private static @Nullable RefusalReason refusal(Schema1 schema1) {
        return schema1 instanceof Schema1.Refused refused ? refused.refusal().reason() : null;
    }

    private static @Nullable RefusalReason refusal(@Nullable Offer offer) {
        return offer == null || offer.refusal() == null ? null : offer.refusal().reason();
    }

    private static ImageRecord without(ImageRecord image, List<Blob> children, List<Blob> configs) {
        return new ImageRecord(
                image.repository(),
                image.tag(),
                image.version(),
                image.observedAt(),
                image.rootDigest(),
                image.root(),
                children,
                configs,
                List.of(),
                null);
    }

    private static ImageRecord withRefusal(ImageRecord image, @Nullable Blob root) {
        return new ImageRecord(
                image.repository(),
                image.tag(),
                image.version(),
                image.observedAt(),
                image.rootDigest(),
                root,
                image.children(),
                image.configs(),
                List.of(),
                new Refusal(RefusalReason.DIGEST_MISMATCH, "A blob has another digest."));
    }
}
