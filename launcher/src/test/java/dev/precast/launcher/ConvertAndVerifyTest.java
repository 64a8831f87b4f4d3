package dev.precast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.schemas.image.Digest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import picocli.CommandLine;

/** The conversion and its check from the command line, on the bundled samples. */
@ResourceLock(Resources.SYSTEM_OUT)
class ConvertAndVerifyTest {
    private static final Path SAMPLES = Path.of("..", "examples", "samples");

    @TempDir
    Path temporary;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void convert_unsignedIsThePayloadWhoseDigestVerifyNames() throws Exception {
        Path payload = convert("library/hello:v1", "library/hello", "v1", "--unsigned");
        Path signed = convert("library/hello:v1", "library/hello", "v1");
        assertThat(run("verify", signed.toString())).isZero();
        assertThat(out.toString())
                .contains("verdict    valid, signed by a key that is not among the trusted ones")
                .contains("digest     " + Digest.sha256(Files.readAllBytes(payload)));
    }

    @Test
    void verify_refusesBytesThatWereChanged() throws Exception {
        Path signed = convert("org/team/deep:latest", "org/team/deep", "latest");
        Path changed = Files.writeString(
                temporary.resolve("changed"), Files.readString(signed).replace("org/team/deep", "org/team/deeq"));
        assertThat(run("verify", changed.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("verdict    INVALID");
    }

    @Test
    void verify_refusesWhatIsNotSigned() throws Exception {
        Path payload = convert("library/hello:v1", "library/hello", "v1", "--unsigned");
        assertThat(run("verify", payload.toString())).isEqualTo(1);
        assertThat(out.toString()).contains("UNSIGNED");
    }

    @Test
    void convert_refusesAZstdLayerWithItsReason() throws Exception {
        assertThat(runConvert("samples/zstd:latest", "samples/zstd", "latest")).isEqualTo(1);
        assertThat(err.toString()).startsWith("ZSTD_LAYER: ");
    }

    @Test
    void convert_refusesTheConfigOfAnotherImage() throws Exception {
        Path manifest = blob(digest("library/hello:v1"));
        Path other = blob(config("org/team/deep:latest"));
        assertThat(run(
                        "convert",
                        "--manifest",
                        manifest.toString(),
                        "--config",
                        other.toString(),
                        "--repository",
                        "a",
                        "--tag",
                        "b"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("it names the config").contains("Give the config blob's own bytes");
    }

    private Path convert(String reference, String repository, String tag, String... more) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            assertThat(runConvert(reference, repository, tag, more))
                    .as(err.toString())
                    .isZero();
        } finally {
            System.setOut(before);
        }
        return Files.write(Files.createTempFile(temporary, "converted", ".json"), captured.toByteArray());
    }

    private int runConvert(String reference, String repository, String tag, String... more) throws Exception {
        String[] arguments = {
            "convert",
            "--manifest",
            blob(digest(reference)).toString(),
            "--config",
            blob(config(reference)).toString(),
            "--repository",
            repository,
            "--tag",
            tag
        };
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return run(all);
    }

    private static String digest(String reference) throws Exception {
        for (JsonNode entry : read(SAMPLES.resolve("index.json")).get("manifests")) {
            if (entry.at("/annotations/org.opencontainers.image.ref.name")
                    .asText()
                    .equals(reference)) {
                return entry.get("digest").asText();
            }
        }
        throw new IllegalArgumentException("No sample " + reference);
    }

    private static String config(String reference) throws Exception {
        return read(blob(digest(reference))).at("/config/digest").asText();
    }

    private static Path blob(String digest) {
        return SAMPLES.resolve("blobs").resolve(digest.replace(':', '/'));
    }

    private static JsonNode read(Path file) throws Exception {
        return new ObjectMapper().readTree(Files.readAllBytes(file));
    }

    private int run(String... arguments) {
        CommandLine line = Precast.commandLine();
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
