package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.launcher.Precast;
import dev.precast.launcher.cluster.RunningFile;
import dev.precast.schemas.image.MediaTypes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code precast up} in a JVM of its own, with the bundled samples, as a user meets it. */
class UpIT {
    @TempDir
    Path temporary;

    private final List<Process> started = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @AfterEach
    void end() throws Exception {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void up_servesTheSamplesAndIsFoundByItsDataDirectory() throws Exception {
        Process up = up();
        String ready = awaitReady(up);
        RunningFile.Addresses running = RunningFile.read(data()).orElseThrow();
        assertThat(ready).contains(running.serving() + "/v2/library/hello/manifests/v1");

        assertThat(run("verify", "library/hello:v1")).as(err.toString()).isZero();
        assertThat(run("verify", "team/app:1.0")).as(err.toString()).isZero();
        assertThat(run("verify", "samples/zstd:latest")).isEqualTo(1);
        assertThat(err.toString()).contains("ZSTD_LAYER");
        assertThat(run("inspect", "team/app:1.0")).isZero();
        assertThat(out.toString())
                .containsPattern("event +(push|miss|look|recheck) by (generic|sweep|serving)")
                .contains("conversion on");
        assertThat(run("inspect", "team/app:none")).isEqualTo(1);
        assertThat(run("topics", "plan")).isZero();
        // On a busy machine a role may be late for a moment, and says then that it is not ready.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(run("status")).as(err.toString()).isZero());
        assertThat(out.toString())
                .contains("ready at " + running.admin())
                .contains("ingest: ")
                .containsPattern("tags +4 known")
                .contains("ZSTD_LAYER 1");
        assertThat(metrics(running.admin()))
                .as("what the example alerts ask for")
                .containsAll(alerted());
        assertThat(run("repos", "enable", "other/*", "--platform", "linux/arm64"))
                .isZero();
        assertThat(run("repos", "list")).isZero();
        assertThat(out.toString()).containsPattern("other/\\* +on .*linux/arm64");

        isolated(running.serving());
        accessLogged();

        assertThat(run("up")).isEqualTo(1);
        assertThat(err.toString()).contains("another precast (process " + up.pid() + ") uses it");

        up.destroy();
        assertThat(up.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(RunningFile.read(data())).isEmpty();
        assertThat(Files.exists(data().resolve("running.properties"))).isFalse();
    }

    @Test
    void up_killedLeavesNoProcess_andTheNextGoesOnWithTheSameData() throws Exception {
        Process first = up();
        awaitReady(first);
        assertThat(run("repos", "enable", "kept/*")).as(err.toString()).isZero();
        List<ProcessHandle> children = first.descendants().toList();
        assertThat(children).hasSize(1);
        first.destroyForcibly().waitFor();
        for (ProcessHandle child : children) {
            child.onExit().get(20, TimeUnit.SECONDS);
        }

        awaitReady(up());
        assertThat(run("repos", "list")).isZero();
        assertThat(out.toString()).contains("kept/*");
        assertThat(run("verify", "org/team/deep:latest")).as(err.toString()).isZero();
    }

    @Test
    void up_withoutTheFileOfTheActiveKey_isReadyAndSaysWhatHelps() throws Exception {
        Process first = up();
        awaitReady(first);
        assertThat(run("keys", "generate")).as(err.toString()).isZero();
        Path keys = data().resolve("keys");
        // The converter takes the key by itself, and says which one signs.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            out.getBuffer().setLength(0);
            run("keys", "list");
            assertThat(out.toString()).contains("active");
        });
        first.destroy();
        assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
        Path away = Files.move(keys, temporary.resolve("away"));

        awaitReady(up());
        assertThat(Files.readString(temporary.resolve("up.log")))
                .containsPattern("(?m)^WARNING: The converter role is not ready: cannot sign: the key .*keys rotate");
        assertThat(run("status")).isEqualTo(1);
        Files.delete(keys);
        Files.move(away, keys);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(run("status")).as(err.toString()).isZero());
    }

    /** A digest is served only in a repository that has it. */
    private static void isolated(String serving) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        String manifest = get(client, serving + "/v2/library/hello/manifests/v1", MediaTypes.SCHEMA2)
                .body();
        String config =
                new ObjectMapper().readTree(manifest).at("/config/digest").asText();
        assertThat(get(client, serving + "/v2/library/hello/blobs/" + config, "*/*")
                        .statusCode())
                .isEqualTo(200);
        assertThat(get(client, serving + "/v2/team/app/blobs/" + config, "*/*").statusCode())
                .isEqualTo(404);
    }

    private static HttpResponse<String> get(HttpClient client, String url, String accept) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(url)).header("Accept", accept).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Lines of JSON and nothing else, between those of the log. */
    private void accessLogged() throws IOException {
        List<String> lines = Files.readAllLines(temporary.resolve("up.log")).stream()
                .filter(line -> line.startsWith("{") && line.contains("\"repository\":\"library/hello\""))
                .toList();
        assertThat(lines).isNotEmpty();
        for (String line : lines) {
            JsonNode entry = new ObjectMapper().readTree(line);
            assertThat(Instant.parse(entry.path("time").asText())).isBefore(Instant.now());
            assertThat(entry.path("status").asInt()).isPositive();
        }
    }

    private static Set<String> metrics(String admin) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(admin + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString());
        return names(answer.body());
    }

    /** Without the one that comes with the first dead letter. */
    private static Set<String> alerted() throws IOException {
        Set<String> names = names(Files.readString(Path.of("../deploy/alerts.yml")));
        assertThat(names).hasSizeGreaterThan(5);
        names.remove("precast_ingest_dead_letters_total");
        return names;
    }

    private static Set<String> names(String text) {
        return Pattern.compile("precast_[a-z_]+")
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Path data() {
        return temporary.resolve("data");
    }

    private Process up() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-Dprecast.home=" + Path.of("..").toAbsolutePath().normalize(),
                        // That of tests would come first on the class path.
                        "-Dlogback.configurationFile="
                                + Path.of("src/main/resources/logback.xml").toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Precast.class.getName(),
                        "up",
                        "--data",
                        data().toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--events-listen",
                        "127.0.0.1:0",
                        "--admin-listen",
                        "127.0.0.1:0")
                .redirectError(temporary.resolve("up.log").toFile());
        builder.environment().put("PRECAST_SERVING_ACCESS_LOG", "json");
        Process process = builder.start();
        started.add(process);
        return process;
    }

    /** What it prints once it is ready. */
    private String awaitReady(Process process) throws IOException {
        StringBuilder text = new StringBuilder();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            text.append(line).append('\n');
            if (line.startsWith("End with Ctrl-C")) {
                assertThat(text.toString()).startsWith("ready\n");
                return text.toString();
            }
        }
        throw new IOException("It was never ready:\n" + Files.readString(temporary.resolve("up.log")));
    }

    private int run(String... arguments) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--data";
        all[arguments.length + 1] = data().toString();
        CommandLine line = Precast.commandLine();
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }
}
