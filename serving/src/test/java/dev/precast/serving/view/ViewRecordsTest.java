package dev.precast.serving.view;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.kafka.VersionHeader;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.RepositorySettings;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.support.Images;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ViewRecordsTest {
    private final VariantManifest manifest = Images.schema1("library/hello", "v1");
    private final String key = RecordKeys.digest("library/hello", manifest.digest());

    @Test
    void manifest_whoseBytesHaveItsDigest() {
        assertThat(variant(key, RecordJson.write(manifest), 5)).isEqualTo(new ViewChange.PutManifest(key, 5, manifest));
        VariantManifest schema2 = Images.schema2("library/hello", "v1");
        String schema2Key = RecordKeys.digest("library/hello", schema2.digest());
        assertThat(variant(schema2Key, RecordJson.write(schema2), 5))
                .isEqualTo(new ViewChange.PutManifest(schema2Key, 5, schema2));
    }

    @Test
    void manifest_whoseBytesHaveAnotherDigest() {
        VariantManifest forged = new VariantManifest(
                "library/hello",
                manifest.digest(),
                manifest.mediaType(),
                manifest.content().replace("amd64", "arm64"),
                null);
        assertThat(variant(key, RecordJson.write(forged), 5)).isInstanceOf(ViewChange.Skip.class);
        VariantManifest asSchema2 =
                new VariantManifest("library/hello", manifest.digest(), MediaTypes.SCHEMA2, manifest.content(), null);
        assertThat(variant(key, RecordJson.write(asSchema2), 5)).isInstanceOf(ViewChange.Skip.class);
    }

    @Test
    void offers_underTheirTag() {
        TagOffers offers = Images.offers("library/hello", "v1", 7, MediaTypes.SCHEMA2, manifest);
        assertThat(variant("library/hello:v1", RecordJson.write(offers), 7))
                .isEqualTo(new ViewChange.PutOffers("library/hello:v1", 7, offers));
        assertThat(variant("library/other:v1", RecordJson.write(offers), 7)).isInstanceOf(ViewChange.Skip.class);
    }

    @Test
    void tombstone_withVersion() {
        assertThat(variant(key, null, 9)).isEqualTo(new ViewChange.DeleteVariant(key, 9));
        assertThat(variant("library/hello:v1", null, 9)).isEqualTo(new ViewChange.DeleteVariant("library/hello:v1", 9));
    }

    @Test
    void record_withoutVersion() {
        assertThat(variant(key, RecordJson.write(manifest), -1)).isInstanceOf(ViewChange.Skip.class);
        assertThat(variant(key, null, -1)).isInstanceOf(ViewChange.Skip.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "library/hello", "library/hello:", "Library:v1", "a@sha256:abc", "a:v1@x", ":v1", "a:-"})
    void record_underAStrangeKey(String strange) {
        assertThat(variant(strange, null, 1)).isInstanceOf(ViewChange.Skip.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"kind\":\"other\"}", "{\"kind\":\"manifest\"}", "\u0000"})
    void value_thatIsNoVariant(String value) {
        assertThat(variant(key, value.getBytes(UTF_8), 1)).isInstanceOf(ViewChange.Skip.class);
    }

    @Test
    void value_nestedBeyondReading() {
        assertThat(variant(key, "[".repeat(5_000_000).getBytes(UTF_8), 1)).isInstanceOf(ViewChange.Skip.class);
    }

    @Test
    void settings_ofAPattern() {
        RepositorySettings on = new RepositorySettings(true, List.of("linux/arm64"));
        assertThat(settings("library/*", RecordJson.write(on))).isEqualTo(new ViewChange.PutSettings("library/*", on));
        assertThat(settings("library/*", null)).isEqualTo(new ViewChange.DeleteSettings("library/*"));
        assertThat(settings("NO SPACES", RecordJson.write(on))).isInstanceOf(ViewChange.Skip.class);
        assertThat(settings("*", "{\"platforms\":[\"x\"]}".getBytes(UTF_8))).isInstanceOf(ViewChange.Skip.class);
    }

    @Test
    void stored_schema1Unsigned() {
        String content = "{\"schemaVersion\":1}";
        Digest digest = Digest.sha256(content.getBytes(UTF_8));
        VariantManifest unsigned = new VariantManifest("a", digest, MediaTypes.SCHEMA1, content, null);
        assertThat(variant("a@" + digest, RecordJson.write(unsigned), 1)).isInstanceOf(ViewChange.PutManifest.class);
    }

    private static ViewChange variant(String key, byte @Nullable [] value, long version) {
        return ViewRecords.read(record(TopicCatalogue.VARIANTS.name(), key, value, version));
    }

    private static ViewChange settings(String key, byte @Nullable [] value) {
        return ViewRecords.read(record(TopicCatalogue.SETTINGS.name(), key, value, -1));
    }

    @SuppressWarnings("NullAway") // A null value is a tombstone.
    private static ConsumerRecord<byte[], byte[]> record(
            String topic, String key, byte @Nullable [] value, long version) {
        RecordHeaders headers = new RecordHeaders();
        if (version >= 0) {
            VersionHeader.put(headers, version);
        }
        return new ConsumerRecord<>(
                topic, 0, 0, 0, TimestampType.CREATE_TIME, 0, 0, key.getBytes(UTF_8), value, headers, Optional.empty());
    }
}
