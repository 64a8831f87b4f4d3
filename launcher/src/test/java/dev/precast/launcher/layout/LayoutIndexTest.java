package dev.precast.launcher.layout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LayoutIndexTest {
    private static final Digest FIRST = Digest.sha256(new byte[] {1});
    private static final Digest SECOND = Digest.sha256(new byte[] {2});

    @Test
    void reference_ofATagAloneIsOfTheDirectorysRepository() throws Exception {
        LayoutIndex index = parse(entry(MediaTypes.OCI_MANIFEST, FIRST, "1.0"));
        assertThat(index.tags()).containsOnlyKeys(new Reference("layout", "1.0"));
    }

    @Test
    void reference_withARepositoryIsTakenAsItIs() throws Exception {
        LayoutIndex index = parse(entry(MediaTypes.SCHEMA2, FIRST, "team/app:1.0"));
        assertThat(index.find("team/app", "1.0")).hasValue(new LayoutIndex.Entry(FIRST, MediaTypes.SCHEMA2));
    }

    @Test
    void reference_thatComesTwiceIsTheLast() throws Exception {
        LayoutIndex index =
                parse(entry(MediaTypes.SCHEMA2, FIRST, "a:1") + "," + entry(MediaTypes.OCI_INDEX, SECOND, "a:1"));
        assertThat(index.find("a", "1")).hasValue(new LayoutIndex.Entry(SECOND, MediaTypes.OCI_INDEX));
    }

    @Test
    void entry_withoutReferenceIsKnownByItsDigestOnly() throws Exception {
        LayoutIndex index =
                parse("{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"" + FIRST + "\",\"size\":1}");
        assertThat(index.tags()).isEmpty();
        assertThat(index.mediaTypes()).containsEntry(FIRST, MediaTypes.OCI_MANIFEST);
        assertThat(index.passedOver()).isEmpty();
    }

    @Test
    void entry_thatIsNoManifestIsPassedOverAndSaidSo() throws Exception {
        LayoutIndex index = parse(entry("application/octet-stream", FIRST, "a:1"));
        assertThat(index.tags()).isEmpty();
        assertThat(index.passedOver()).singleElement().asString().contains("application/octet-stream");
    }

    @Test
    void entry_withAReferenceOfAnotherFormIsPassedOverAndSaidSo() throws Exception {
        LayoutIndex index = parse(entry(MediaTypes.OCI_MANIFEST, FIRST, "Team/App:1.0"));
        assertThat(index.tags()).isEmpty();
        assertThat(index.passedOver()).singleElement().asString().contains("Team/App:1.0");
    }

    private static LayoutIndex parse(String entries) throws Exception {
        String json = "{\"schemaVersion\":2,\"manifests\":[" + entries + "]}";
        return LayoutIndex.parse(json.getBytes(StandardCharsets.UTF_8), "layout");
    }

    private static String entry(String mediaType, Digest digest, String reference) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest
                + "\",\"size\":1,\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + reference + "\"}}";
    }
}
