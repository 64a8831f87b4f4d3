package dev.precast.launcher.up;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.Precast;
import dev.precast.launcher.cluster.RunningFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
                .containsPattern("event +(push|miss) by (generic|sweep|serving)")
                .contains("conversion on");
        assertThat(run("inspect", "team/app:none")).isEqualTo(1);
        assertThat(run("topics", "plan")).isZero();
        assertThat(run("status")).as(err.toString()).isZero();
        assertThat(out.toString())
                .contains("ready at " + running.admin())
                .contains("ingest: ")
                .containsPattern("tags +4 known")
                .contains("ZSTD_LAYER 1");
        assertThat(run("repos", "enable", "other/*", "--platform", "linux/arm64"))
                .isZero();
        assertThat(run("repos", "list")).isZero();
        assertThat(out.toString()).containsPattern("other/\\* +on .*linux/arm64");

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

    private Path data() {
        return temporary.resolve("data");
    }

    private Process up() throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx384m",
                        "-XX:+UseSerialGC",
                        "-Dprecast.home=" + Path.of("..").toAbsolutePath().normalize(),
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
                .redirectError(temporary.resolve("up.log").toFile())
                .start();
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
