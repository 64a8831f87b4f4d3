package dev.precast.ingest.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.Images;
import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.registry.Breaker;
import dev.precast.ingest.registry.RegistryClient;
import dev.precast.ingest.registry.RequestWatch;
import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.Blob;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.testkit.Fault;
import dev.precast.testkit.ScriptedRegistry;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageReaderTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final String REPOSITORY = "library/hello";
    private static final Reference TAG = new Reference(REPOSITORY, "v1");
    private static final byte[] CONFIG = Images.config("one");

    private final ScriptedRegistry registry = ScriptedRegistry.start();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    private final ImageReader reader = new ImageReader(
            new RegistryClient(
                    IngestConfig.from(Map.of("registry.url", registry.url().toString(), "registry.timeout.ms", "2000"))
                            .registry(),
                    clock,
                    executor,
                    new Breaker(IngestConfig.from(Map.of()).registry().breaker(), System::nanoTime, () -> 0.5),
                    RequestWatch.NOBODY),
            clock);

    @AfterEach
    void close() {
        registry.close();
        executor.shutdownNow();
    }

    @Test
    void image_isReadWithItsConfig() {
        registry.blob(REPOSITORY, CONFIG);
        byte[] manifest = Images.schema2(CONFIG);
        Digest root = registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, manifest);

        Reading.Held held = held();

        assertThat(held.observedAt()).isEqualTo(NOW);
        assertThat(held.certain()).isTrue();
        assertThat(held.draft().rootDigest()).isEqualTo(root);
        assertThat(root(held).bytes()).isEqualTo(manifest);
        assertThat(held.draft().configs()).extracting(Blob::bytes).containsExactly(CONFIG);
        assertThat(held.draft().refusal()).isNull();
    }

    @Test
    void rootThatIsKnown_isNotReadFurther() {
        Digest root = registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));

        assertThat(reader.read(TAG, Optional.of(root), false)).isEqualTo(new Reading.Unchanged(root));
        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void artifact_isKeptWithoutItsConfig() {
        byte[] chart = Images.manifest(MediaTypes.OCI_MANIFEST, "application/vnd.cncf.helm.config.v1+json", CONFIG, "");
        registry.manifest(REPOSITORY, "v1", MediaTypes.OCI_MANIFEST, chart);

        Reading.Held held = held();

        assertThat(held.draft().configs()).isEmpty();
        assertThat(held.draft().refusal()).isNull();
        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void configThatIsMissing_isARefusalWithTheRoot() {
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.BLOB_MISSING);
        assertThat(held.certain()).isFalse();
        assertThat(root(held).mediaType()).isEqualTo(MediaTypes.SCHEMA2);
    }

    @Test
    void configOfAnotherSize_isARefusal() {
        registry.blob(REPOSITORY, CONFIG);
        String manifest = new String(Images.schema2(CONFIG), java.nio.charset.StandardCharsets.UTF_8);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.SCHEMA2,
                Images.bytes(manifest.replace("\"size\":" + CONFIG.length, "\"size\":" + (CONFIG.length + 1))));

        assertThat(reason(held())).isEqualTo(RefusalReason.MALFORMED_MANIFEST);
    }

    @Test
    void garbledConfig_isARefusalOnlyInDoubt() {
        registry.blob(REPOSITORY, CONFIG);
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));
        registry.fail("/blobs/" + Digest.sha256(CONFIG), Fault.byteLess());

        Reading.Held garbled = held();
        assertThat(reason(garbled)).isEqualTo(RefusalReason.DIGEST_MISMATCH);
        assertThat(garbled.certain()).isFalse();
        assertThat(held().certain()).isTrue();
    }

    @Test
    void ambiguousManifest_isARefusalWithTheRoot() {
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.SCHEMA2,
                Images.bytes("{\"schemaVersion\":2,\"layers\":[],\"LAYERS\":[],\"config\":{}}"));

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.AMBIGUOUS_JSON);
        assertThat(root(held).content()).contains("LAYERS");
    }

    @Test
    void pageOfAProxy_isNoManifest() {
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));
        registry.fail("/manifests/v1", Fault.html(200));

        assertThat(reader.read(TAG, Optional.empty(), false)).isInstanceOf(Reading.Failed.class);
    }

    @Test
    void manifestOfAnotherType_isARefusalOnlyInDoubt() {
        registry.manifest(REPOSITORY, "v1", "text/plain", Images.schema2(CONFIG));

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.UNSUPPORTED_MEDIA_TYPE);
        assertThat(held.certain()).isFalse();
    }

    @Test
    void manifestThatIsTooLarge_isARefusalWithoutRoot() {
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, new byte[Limits.MAX_MANIFEST_BYTES + 1]);

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.TOO_LARGE);
        assertThat(held.draft().root()).isNull();
    }

    @Test
    void configThatBlowsUpAsJson_isARefusalAndFitsTheTopic() {
        byte[] control = new byte[Limits.MAX_CONFIG_BYTES];
        java.util.Arrays.fill(control, (byte) 1);
        registry.blob(REPOSITORY, control);
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(control));

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.TOO_LARGE);
        assertThat(RecordJson.write(held.draft()).length).isLessThan(Limits.MAX_RECORD_BYTES);
    }

    @Test
    void index_isReadWithWhatMatters_inTheOrderOfTheDocument() {
        byte[] armConfig = Images.config("arm");
        byte[] arm = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, armConfig, "");
        byte[] amdConfig = Images.config("amd");
        byte[] amd = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, amdConfig, "");
        byte[] attestation = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, Images.config("x"), "");
        byte[] unheld = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, Images.config("y"), "");
        byte[] nested = Images.index();
        registry.blob(REPOSITORY, armConfig);
        registry.blob(REPOSITORY, amdConfig);
        registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, arm);
        registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, amd);
        registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, attestation);
        registry.manifest(REPOSITORY, "", MediaTypes.OCI_INDEX, nested);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.OCI_INDEX,
                Images.index(
                        Images.entry(MediaTypes.OCI_INDEX, nested, ""),
                        Images.entry(MediaTypes.OCI_MANIFEST, arm, Images.platform("linux", "arm64")),
                        Images.entry(MediaTypes.OCI_MANIFEST, amd, Images.platform("linux", "amd64")),
                        Images.entry(MediaTypes.OCI_MANIFEST, unheld, Images.platform("linux", "s390x")),
                        Images.entry(
                                MediaTypes.OCI_MANIFEST,
                                attestation,
                                Images.platform("unknown", "unknown")
                                        + ",\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"}")));

        Reading.Held held = held();

        assertThat(held.certain()).isTrue();
        assertThat(held.draft().children()).extracting(Blob::bytes).containsExactly(arm, amd);
        assertThat(held.draft().configs())
                .as("linux/amd64 is read first")
                .extracting(Blob::bytes)
                .containsExactly(amdConfig, armConfig);
        assertThat(registry.requests())
                .noneMatch(
                        request -> request.path().contains(Digest.sha256(nested).hex()));
        assertThat(registry.requests())
                .noneMatch(request ->
                        request.path().contains(Digest.sha256(attestation).hex()));
    }

    @Test
    void childInSchema1_isRead() {
        byte[] child =
                Images.bytes("{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"b\",\"fsLayers\":[],\"history\":[]}");
        registry.manifest(REPOSITORY, "", MediaTypes.SCHEMA1_SIGNED, child);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.OCI_INDEX,
                Images.index(Images.entry(MediaTypes.SCHEMA1_SIGNED, child, Images.platform("linux", "amd64"))));

        Reading.Held held = held();

        assertThat(held.certain()).isTrue();
        assertThat(held.draft().children()).extracting(Blob::bytes).containsExactly(child);
    }

    @Test
    void childThatIsGarbled_isLeftOutInDoubt() {
        byte[] amd = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, CONFIG, "");
        registry.blob(REPOSITORY, CONFIG);
        Digest child = registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, amd);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.OCI_INDEX,
                Images.index(Images.entry(MediaTypes.OCI_MANIFEST, amd, Images.platform("linux", "amd64"))));
        registry.fail("/manifests/" + child, Fault.byteMore(), Fault.mediaType(MediaTypes.SCHEMA2));

        for (int i = 0; i < 2; i++) {
            Reading.Held held = held();
            assertThat(held.certain()).isFalse();
            assertThat(held.draft().children()).isEmpty();
        }
        assertThat(held().certain()).isTrue();
    }

    @Test
    void childThatFails_failsTheReading() {
        byte[] amd = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, CONFIG, "");
        Digest child = registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, amd);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.OCI_INDEX,
                Images.index(Images.entry(MediaTypes.OCI_MANIFEST, amd, Images.platform("linux", "amd64"))));
        registry.fail("/manifests/" + child, Fault.status(500));

        assertThat(reader.read(TAG, Optional.empty(), false)).isInstanceOf(Reading.Failed.class);
    }

    static Stream<Fault> lasting() {
        return Stream.of(
                Fault.redirect("https://127.0.0.1/elsewhere"),
                Fault.gzip(),
                Fault.status(401),
                Fault.status(403),
                Fault.html(404));
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void configThatCannotBeRead_untilSomebodyChangesSomething_isARefusalInDoubt(Fault fault) {
        registry.blob(REPOSITORY, CONFIG);
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));
        registry.fail("/blobs/" + Digest.sha256(CONFIG), fault);

        Reading.Held held = held();

        assertThat(reason(held)).isEqualTo(RefusalReason.BLOB_MISSING);
        assertThat(held.certain()).isFalse();
        assertThat(root(held).mediaType()).isEqualTo(MediaTypes.SCHEMA2);
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void childThatCannotBeRead_untilSomebodyChangesSomething_isLeftOutInDoubt(Fault fault) {
        byte[] amd = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, CONFIG, "");
        Digest child = registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, amd);
        registry.manifest(
                REPOSITORY,
                "v1",
                MediaTypes.OCI_INDEX,
                Images.index(Images.entry(MediaTypes.OCI_MANIFEST, amd, Images.platform("linux", "amd64"))));
        registry.fail("/manifests/" + child, fault);

        Reading.Held held = held();

        assertThat(held.draft().children()).isEmpty();
        assertThat(held.certain()).isFalse();
    }

    @Test
    void configThatFails_failsTheReading_withARefusalForTheCaseThatItLasts() {
        Digest root = registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));
        registry.fail("/blobs/" + Digest.sha256(CONFIG), Fault.status(503));

        Reading reading = reader.read(TAG, Optional.empty(), false);

        assertThat(reading).isInstanceOfSatisfying(Reading.Failed.class, failed -> {
            Reading.Held instead = failed.instead().orElseThrow();
            assertThat(instead.draft().rootDigest()).isEqualTo(root);
            assertThat(reason(instead)).isEqualTo(RefusalReason.BLOB_MISSING);
            assertThat(instead.certain()).isFalse();
        });
    }

    @Test
    void rootThatFails_leavesNothingInstead() {
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, Images.schema2(CONFIG));
        registry.fail("/manifests/v1", Fault.status(503));

        assertThat(reader.read(TAG, Optional.empty(), false))
                .isInstanceOfSatisfying(
                        Reading.Failed.class,
                        failed -> assertThat(failed.instead()).isEmpty());
    }

    @Test
    void foreignLayer_isAskedForOnce_andItsUrlsNever() {
        byte[] layer = {1, 2, 3};
        byte[] missing = {4, 5, 6};
        String urls = ",\"urls\":[\"" + registry.url() + "/stolen\"]";
        registry.blob(REPOSITORY, CONFIG);
        registry.blob(REPOSITORY, layer);
        String held = Images.entry(MediaTypes.SCHEMA2_LAYER_FOREIGN, layer, urls);
        byte[] manifest = Images.manifest(
                MediaTypes.SCHEMA2,
                MediaTypes.SCHEMA2_CONFIG,
                CONFIG,
                held + "," + held + ","
                        + Images.entry("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", missing, urls));
        registry.manifest(REPOSITORY, "v1", MediaTypes.SCHEMA2, manifest);

        assertThat(held().draft().heldLayers()).containsExactly(Digest.sha256(layer));
        assertThat(registry.requests().stream().filter(r -> r.method().equals("HEAD")))
                .hasSize(2);
        assertThat(registry.requests()).noneMatch(request -> request.path().contains("stolen"));
    }

    /** It may be pushed later, by digest and so without an event that names the tag. */
    @Test
    void childThatIsNotThere_isLookedForAgain_thoughWhatIsThereIsCertain() {
        byte[] child = Images.manifest(MediaTypes.OCI_MANIFEST, MediaTypes.OCI_CONFIG, CONFIG, "");
        byte[] index = Images.index(Images.entry(MediaTypes.OCI_MANIFEST, child, Images.platform("linux", "amd64")));
        registry.manifest(REPOSITORY, "v1", MediaTypes.OCI_INDEX, index);
        assertThat(held().draft().children()).isEmpty();
        assertThat(held().certain()).isTrue();
        assertThat(held().isWhole()).isFalse();

        registry.manifest(REPOSITORY, "", MediaTypes.OCI_MANIFEST, child);
        assertThat(held().isWhole()).as("its config").isFalse();
        registry.blob(REPOSITORY, CONFIG);
        assertThat(held().isWhole()).isTrue();
    }

    @Test
    void tagThatIsNotThere_isGone_onlyWithAWorkingRegistryWhenConfirmed() {
        assertThat(reader.read(TAG, Optional.empty(), false)).isEqualTo(new Reading.Gone());
        assertThat(reader.read(TAG, Optional.empty(), true)).isEqualTo(new Reading.Gone());
        registry.fail("/v2/", Fault.status(503));
        assertThat(reader.read(TAG, Optional.empty(), true)).isInstanceOf(Reading.Failed.class);
    }

    private Reading.Held held() {
        Reading reading = reader.read(TAG, Optional.empty(), false);
        assertThat(reading).isInstanceOf(Reading.Held.class);
        return (Reading.Held) reading;
    }

    private static Blob root(Reading.Held held) {
        return Objects.requireNonNull(held.draft().root());
    }

    private static RefusalReason reason(Reading.Held held) {
        ImageRecord draft = held.draft();
        Refusal refusal = draft.refusal();
        assertThat(refusal).isNotNull();
        return Objects.requireNonNull(refusal).reason();
    }
}
