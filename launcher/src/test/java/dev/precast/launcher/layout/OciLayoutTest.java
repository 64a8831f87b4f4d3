package dev.precast.launcher.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OciLayoutTest {
    private static final Digest DIGEST = Digest.sha256(new byte[] {'{', '}'});
    private static final Reference TAG = new Reference("team/app", "1.0");

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            oci-layout | {}                            | oci-layout: found imageLayoutVersion
            oci-layout | {"imageLayoutVersion":"2.0.0"} | expected 1.0.0
            oci-layout | nonsense                      | oci-layout
            index.json | nonsense                      | index.json
            index.json | {}                            | index.json
            """)
    void file_thatIsBroken_isNamed(String file, String content, String said) throws Exception {
        write("index.json", index(DIGEST));
        write("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        write(file, content);

        assertThatThrownBy(() -> OciLayout.open(folder))
                .isInstanceOf(LayoutException.class)
                .hasMessageContaining(folder.toString())
                .hasMessageContaining(said);
    }

    @Test
    void manifest_thatIsMissingOrBroken_isNamedUntilItIsWhole() throws Exception {
        OciLayout layout = layout();
        LayoutIndex.Entry entry = new LayoutIndex.Entry(DIGEST, MediaTypes.OCI_MANIFEST);
        assertThat(layout.fault(TAG, entry).orElseThrow())
                .contains("blobs/sha256/" + DIGEST.hex(), "no such file", "team/app:1.0");

        Path blob = folder.resolve("blobs/sha256").resolve(DIGEST.hex());
        Files.createDirectories(blob.getParent());
        Files.writeString(blob, "{");
        assertThat(layout.fault(TAG, entry).orElseThrow()).contains("another digest");
        Files.writeString(blob, "{}");
        assertThat(layout.fault(TAG, entry)).isEmpty();
    }

    @Test
    void index_thatIsReplacedByARename_isSeen_andABrokenOneLeavesTheOldInForce() throws Exception {
        OciLayout layout = layout();
        Digest second = Digest.sha256(new byte[] {'2'});
        Files.move(
                write("index.json.tmp", index(second)), folder.resolve("index.json"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(layout.index().tags().get(TAG))
                .extracting(LayoutIndex.Entry::digest)
                .isEqualTo(second);

        Files.move(write("index.json.tmp", "{\"manif"), folder.resolve("index.json"), StandardCopyOption.ATOMIC_MOVE);
        assertThat(layout.index().tags()).containsKey(TAG);
        assertThatThrownBy(layout::check).hasMessageContaining("index.json");
    }

    private OciLayout layout() throws Exception {
        write("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
        write("index.json", index(DIGEST));
        return OciLayout.open(folder);
    }

    private Path write(String name, String content) throws Exception {
        return Files.writeString(folder.resolve(name), content);
    }

    private static String index(Digest digest) {
        return "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                + "\",\"size\":2,\"digest\":\"" + digest
                + "\",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + TAG + "\"}}]}";
    }
}
