package dev.precast.schemas.record;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.error.Refusal;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordJsonTest {
    private static final Digest DIGEST = Digest.sha256("x".getBytes(StandardCharsets.UTF_8));

    @Test
    void imageRecord_survivesWithItsExactContent() throws Exception {
        String content = "{ \"a\":\t\"<&>\u2028\u0007\uD83D\uDC33\\ud800\" }\n";
        ImageRecord image = new ImageRecord(
                "library/hello",
                "v1",
                7,
                Instant.parse("2026-11-23T10:00:00.123456Z"),
                DIGEST,
                new Blob(DIGEST, MediaTypes.SCHEMA2, content),
                List.of(),
                List.of(),
                List.of(DIGEST),
                null);

        ImageRecord read = RecordJson.read(RecordJson.write(image), ImageRecord.class);

        assertThat(read).isEqualTo(image);
        assertThat(read.root()).isNotNull().extracting(Blob::content).isEqualTo(content);
    }

    @Test
    void settings_writeOnlyWhatIsNotTheDefault() throws Exception {
        RepositorySettings plain = new RepositorySettings(true, List.of("linux/arm64"));
        RepositorySettings other = new RepositorySettings(true, List.of(), RepositorySettings.Wildcard.NATIVE, true);

        assertThat(new String(RecordJson.write(plain), StandardCharsets.UTF_8))
                .isEqualTo("{\"schema_conversion\":true,\"platforms\":[\"linux/arm64\"]}");
        assertThat(new String(RecordJson.write(other), StandardCharsets.UTF_8))
                .isEqualTo("{\"schema_conversion\":true,\"platforms\":[],\"wildcard\":\"native\",\"strict\":true}");
        assertThat(RecordJson.read(RecordJson.write(plain), RepositorySettings.class))
                .isEqualTo(plain);
        assertThat(RecordJson.read(RecordJson.write(other), RepositorySettings.class))
                .isEqualTo(other);
    }

    @Test
    void variantRecords_areToldApartByKind() throws Exception {
        TagOffers offers = new TagOffers(
                "a/b",
                "t",
                3,
                DIGEST,
                MediaTypes.SCHEMA2,
                Map.of(
                        MediaTypes.SCHEMA1_SIGNED,
                        TagOffers.Offer.refused(new Refusal(RefusalReason.ZSTD_LAYER, "layer 1 of 2"))),
                "revision=1");
        VariantManifest manifest = new VariantManifest("a/b", DIGEST, MediaTypes.SCHEMA2, "{}", null);

        assertThat(RecordJson.read(RecordJson.write(offers), VariantRecord.class))
                .isEqualTo(offers);
        assertThat(RecordJson.read(RecordJson.write(manifest), VariantRecord.class))
                .isEqualTo(manifest);
        assertThat(new String(RecordJson.write(manifest), StandardCharsets.UTF_8))
                .startsWith("{\"kind\":\"manifest\"");
    }

    @Test
    void settings_readTheirContractName() throws Exception {
        RepositorySettings settings = RecordJson.read(
                "{\"schema_conversion\":true,\"platforms\":[\"linux/arm64/v8\"],\"later\":1}"
                        .getBytes(StandardCharsets.UTF_8),
                RepositorySettings.class);

        assertThat(settings.schemaConversion()).isTrue();
        assertThat(settings.platformOrder()).singleElement().hasToString("linux/arm64/v8");
    }

    @Test
    void settings_areOffByDefault() throws Exception {
        assertThat(RecordJson.read("{}".getBytes(StandardCharsets.UTF_8), RepositorySettings.class))
                .isEqualTo(RepositorySettings.OFF);
    }
}
