package dev.precast.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.launcher.cluster.RunningFile;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What needs no running system. */
class CommandLineTest {
    @TempDir
    Path temporary;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void help_ofEveryCommandIsThere() {
        for (String name : Precast.commandLine().getSubcommands().keySet()) {
            assertThat(run(name, "--help")).as(name).isZero();
        }
        assertThat(out.toString()).contains("Usage: precast up").contains("--convert=PATTERN");
    }

    @Test
    void usage_thatIsWrongExitsWith2AndASentence() {
        assertThat(run("up", "--regstry", "http://127.0.0.1:5000")).isEqualTo(2);
        assertThat(err.toString()).contains("--regstry").contains("--registry").doesNotContain("\tat ");
        assertThat(run("repos")).isEqualTo(2);
        assertThat(run("repos", "enable", "UPPER")).isEqualTo(2);
        assertThat(run("repos", "enable", "a", "--platform", "linux")).isEqualTo(2);
    }

    @Test
    void key_thatNobodyKnowsIsRefusedWithTheNearest() {
        assertThat(run("repos", "list", "--set", "registry.ulr=x")).isEqualTo(1);
        assertThat(err.toString()).contains("registry.ulr").contains("Did you mean \"registry.url\"?");
    }

    @Test
    void file_withAnUnknownKeyIsRefused() throws Exception {
        Path file = Files.writeString(temporary.resolve("p.properties"), "serving.lisen=127.0.0.1:0\n");
        assertThat(run("repos", "list", "--config", file.toString())).isEqualTo(1);
        assertThat(err.toString()).contains("Did you mean \"serving.listen\"?");
    }

    @Test
    void system_thatDoesNotRunIsSaidSo() {
        assertThat(run("repos", "list", "--data", temporary.toString())).isEqualTo(1);
        assertThat(err.toString())
                .contains("nothing runs on")
                .contains("precast up")
                .doesNotContain("\tat ");
    }

    @Test
    void runningFile_ofADeadProcessCountsAsNothing() throws Exception {
        RunningFile.write(temporary, new RunningFile.Addresses("127.0.0.1:1", "http://a", "http://b", "http://c"));
        assertThat(RunningFile.read(temporary)).isPresent();
        Path file = temporary.resolve("running.properties");
        Files.writeString(file, Files.readString(file).replaceAll("pid=\\d+", "pid=999999999"));
        assertThat(RunningFile.read(temporary)).isEmpty();
    }

    @Test
    void config_printsEveryKeyBothWays() {
        assertThat(run("config")).isZero();
        assertThat(out.toString()).contains("registry.url").contains("PRECAST_REGISTRY_URL");
        assertThat(run("config", "--markdown")).isZero();
        assertThat(out.toString()).contains("| `serving.listen` | string | `127.0.0.1:5080` |");
    }

    @Test
    void up_refusesTwoUpstreams() {
        assertThat(run("up", "--data", temporary.toString(), "--registry", "http://127.0.0.1:1", "--layout", "x"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("both --registry and --layout");
    }

    @Test
    void up_refusesADirectoryThatIsNoLayout() {
        assertThat(run("up", "--data", temporary.resolve("data").toString(), "--layout", temporary.toString()))
                .isEqualTo(1);
        assertThat(err.toString()).contains("no file oci-layout");
    }

    private int run(String... arguments) {
        CommandLine line = Precast.commandLine();
        return line.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
