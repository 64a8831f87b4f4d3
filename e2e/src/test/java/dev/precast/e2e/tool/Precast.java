package dev.precast.e2e.tool;

import dev.precast.testkit.Ports;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code ./precast up}, started as an operator does. */
public final class Precast implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    /** Commands may wait for walks, and those for converters that join and leave. */
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(3);

    private final Listen ports;
    private final ChildProcess process;

    private Precast(Listen ports, ChildProcess process) {
        this.ports = ports;
        this.process = process;
    }

    /** Where the three servers of {@code up} listen. */
    public record Listen(int serving, int events, int admin) {
        public static Listen free() {
            return new Listen(Ports.free(), Ports.free(), Ports.free());
        }
    }

    /**
     * Starts and waits for the line {@code ready}, with which the greeting begins.
     *
     * @param folder takes the data and the output; the same folder again is the next start of the same system
     * @param options further options of {@code up}
     */
    public static Precast up(Path folder, Listen ports, String... options) {
        Distribution.complete();
        List<String> command = new ArrayList<>(List.of(
                Distribution.COMMAND.toString(),
                "up",
                "--data",
                folder.resolve("data").toString(),
                "--listen",
                "127.0.0.1:" + ports.serving(),
                "--events-listen",
                "127.0.0.1:" + ports.events(),
                "--admin-listen",
                "127.0.0.1:" + ports.admin()));
        command.addAll(List.of(options));
        ChildProcess process = ChildProcess.start(command, folder.resolve("precast.out"));
        try {
            // Not the step of the same name, whose line goes on with the time it took.
            process.awaitWholeLine("ready", START);
        } catch (AssertionError e) {
            process.close();
            throw e;
        }
        return new Precast(ports, process);
    }

    /** Starts another command of {@code precast} that runs on; what it prints goes to {@code output}. */
    public static ChildProcess start(Path output, String... arguments) {
        Distribution.complete();
        List<String> command = new ArrayList<>(List.of(Distribution.COMMAND.toString()));
        command.addAll(List.of(arguments));
        return ChildProcess.start(command, output);
    }

    /** Runs another command of {@code precast} to its end. */
    public static ChildProcess.Finished run(Path folder, String... arguments) {
        Distribution.complete();
        List<String> command = new ArrayList<>(List.of(Distribution.COMMAND.toString()));
        command.addAll(List.of(arguments));
        return ChildProcess.run(command, folder.resolve("command.out"), COMMAND_LIMIT);
    }

    /** Starts a command of {@code precast} as somebody at a terminal of 160 columns; what is seen there goes to {@code output}. */
    public static ChildProcess startAtTerminal(Path output, String... arguments) {
        Distribution.complete();
        String command =
                "stty cols 160 rows 40; exec '" + Distribution.COMMAND + "' '" + String.join("' '", arguments) + "'";
        return ChildProcess.start(
                List.of(ExternalTool.SCRIPT.path(), "-qec", command, "/dev/null"), output, Map.of("TERM", "xterm"));
    }

    /** {@code host:port} that old clients pull from. */
    public String address() {
        return "127.0.0.1:" + ports.serving();
    }

    public URI url() {
        return URI.create("http://" + address());
    }

    public URI adminUrl() {
        return URI.create("http://127.0.0.1:" + ports.admin());
    }

    public ChildProcess process() {
        return process;
    }

    @Override
    public void close() {
        process.close();
    }
}
