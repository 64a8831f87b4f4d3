package dev.precast.serving.rig;

import dev.precast.serving.support.RigServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link RigServer} in a JVM of its own, so that those who measure it do not share its memory and its collector. */
final class RigProcess implements AutoCloseable {
    /** Before a command, so that it gets the processor only when nobody else wants it. */
    static final List<String> IDLE = List.of("chrt", "--idle", "0");

    private final Process process;
    private final InetSocketAddress address;

    private RigProcess(Process process, InetSocketAddress address) {
        this.process = process;
        this.address = address;
    }

    /** @param settings KEY=VALUE */
    static RigProcess start(URI upstream, int tags, int bytes, String... settings) throws IOException {
        return start(List.of(), upstream, tags, bytes, settings);
    }

    /** @param settings KEY=VALUE */
    static RigProcess startIdle(URI upstream, int tags, int bytes, String... settings) throws IOException {
        return start(IDLE, upstream, tags, bytes, settings);
    }

    private static RigProcess start(List<String> prefix, URI upstream, int tags, int bytes, String... settings)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC", // As `precast` starts it.
                "-Xmx256m",
                "-Xms256m", // It has run for a while: what it takes of its memory is not the first time, which takes
                // long here.
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                RigServer.class.getName(),
                "0",
                Integer.toString(tags),
                Integer.toString(bytes),
                upstream.toString()));
        command.addAll(List.of(settings));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("ready ")) {
                int port = Integer.parseInt(line.substring("ready ".length()));
                return new RigProcess(process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
        throw new IOException("Cannot start the server to be measured: it ended before it was ready.");
    }

    InetSocketAddress address() {
        return address;
    }

    /** What it has used of the processor. */
    double cpuSeconds() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    }

    @Override
    public void close() {
        process.destroy();
    }
}
