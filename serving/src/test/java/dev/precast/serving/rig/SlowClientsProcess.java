package dev.precast.serving.rig;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link SlowClientsMain} of no priority at all: those who attack have machines of their own, and what they cost here must not
 * be taken from the cores that are measured.
 */
final class SlowClientsProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final BufferedWriter input;
    private final URI upstream;

    SlowClientsProcess() throws IOException {
        List<String> command = new ArrayList<>(RigProcess.IDLE);
        command.addAll(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                SlowClientsMain.class.getName()));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        output = process.inputReader();
        input = process.outputWriter();
        upstream = URI.create(read().substring("upstream ".length()));
    }

    /** Where their blobs lie. */
    URI upstream() {
        return upstream;
    }

    /** Lets them come. */
    void start(InetSocketAddress server, int tricklers, int stalled) throws IOException {
        say(server.getPort() + " " + tricklers + " " + stalled);
    }

    /** Ends them. */
    SlowClients.Seen end() throws IOException {
        say("");
        return SlowClients.Seen.of(read());
    }

    private void say(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    private String read() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("The slow clients' process ended.");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
