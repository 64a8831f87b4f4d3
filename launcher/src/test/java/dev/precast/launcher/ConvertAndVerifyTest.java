package dev.precast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.precast.converter.jws.KeyFiles;
import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
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
    void verify_ofAnotherTagsManifest_failsWhereAKeyIsTrusted() throws Exception {
        Path key = Files.writeString(
                temporary.resolve("key.pem"), KeyFiles.toPem(SigningKey.generateEc(new SecureRandom())));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Path signed = convert("library/hello:v1", "library/hello", "v1", "--key", key.toString());
        HttpServer registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        registry.createContext("/v2/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            Files.copy(signed, exchange.getResponseBody());
            exchange.close();
        });
        registry.start();
        String url = "http://127.0.0.1:" + registry.getAddress().getPort();
        try {
            assertThat(run("verify", "library/hello:v1", "--url", url, "--trust", key.toString()))
                    .as(err.toString())
                    .isZero();
            assertThat(err.toString()).isEmpty();
            assertThat(run("verify", "library/hello:v2", "--url", url)).isZero();
            assertThat(err.toString())
                    .startsWith("WARNING: The signed manifest is of library/hello:v1, expected library/hello:v2.");
            assertThat(run("verify", "library/hello:v2", "--url", url, "--trust", key.toString()))
                    .isEqualTo(1);
            assertThat(run("verify", "library/other:v1", "--url", url, "--trust", key.toString()))
                    .isEqualTo(1);
        } finally {
            registry.stop(0);
        }
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

    @Test
    void convert_toSchema2_keepsTheLayersAndTheConfig() throws Exception {
        String child =
                read(blob(digest("team/app:1.0"))).at("/manifests/0/digest").asText();
        JsonNode schema2 = read(convertTo("schema2", blob(child)));

        assertThat(schema2.get("mediaType").asText()).isEqualTo(MediaTypes.SCHEMA2);
        assertThat(schema2.at("/config/digest")).isEqualTo(read(blob(child)).at("/config/digest"));
        assertThat(schema2.at("/layers/0/digest")).isEqualTo(read(blob(child)).at("/layers/0/digest"));
    }

    @Test
    void convert_toList_namesTheSchema2FormsOfItsChildren() throws Exception {
        Path index = blob(digest("team/app:1.0"));
        List<String> children = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (JsonNode entry : read(index).get("manifests")) {
            if (entry.at("/platform/os").asText().equals("linux")) {
                Path child = blob(entry.get("digest").asText());
                children.addAll(List.of("--child", child.toString()));
                expected.add(Digest.sha256(Files.readAllBytes(convertTo("schema2", child)))
                        .toString());
            }
        }
        JsonNode list = read(convertTo("list", index, children.toArray(new String[0])));

        assertThat(list.get("mediaType").asText()).isEqualTo(MediaTypes.MANIFEST_LIST);
        assertThat(list.get("manifests"))
                .extracting(entry -> entry.get("digest").asText())
                .isEqualTo(expected);
    }

    @Test
    void convert_ofAnIndexWithoutItsChildren_saysWhatIsMissing() throws Exception {
        Path index = blob(digest("team/app:1.0"));

        assertThat(run("convert", "--manifest", index.toString(), "--repository", "a", "--tag", "b"))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("BLOB_MISSING: ");
    }

    @Test
    void convert_toWhatItIsAlready_isRefused() throws Exception {
        Path schema2 = blob(digest("library/hello:v1"));

        assertThat(run("convert", "--manifest", schema2.toString(), "--to", "schema2"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("It is what was asked for already.");
    }

    private Path convertTo(String format, Path manifest, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("convert", "--manifest", manifest.toString(), "--to", format));
        arguments.addAll(List.of(more));
        return captured(() -> run(arguments.toArray(new String[0])));
    }

    private Path convert(String reference, String repository, String tag, String... more) throws Exception {
        return captured(() -> runConvert(reference, repository, tag, more));
    }

    /** What a command that must succeed writes to standard output. */
    private Path captured(Callable<Integer> command) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            assertThat(command.call()).as(err.toString()).isZero();
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
