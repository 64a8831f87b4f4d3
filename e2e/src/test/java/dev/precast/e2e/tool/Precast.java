package dev.precast.e2e.tool;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code ./precast up}, started as an operator does. */
public final class Precast implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

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
     * Starts and waits for the line {@code ready}.
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
            process.awaitLine("ready", START);
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
        return ChildProcess.run(command, folder.resolve("command.out"), Duration.ofMinutes(1));
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
