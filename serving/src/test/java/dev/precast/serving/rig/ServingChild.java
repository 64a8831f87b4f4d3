package dev.precast.serving.rig;

import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.ServingMain;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The serving role in a JVM of its own: to be killed, or to be measured. */
public final class ServingChild implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Http http;

    private ServingChild(Process process, BufferedReader output, Http http) {
        this.process = process;
        this.output = output;
        this.http = http;
    }

    /**
     * Starts, and returns once it listens.
     *
     * @param jvm further options of the JVM
     */
    public static ServingChild start(KafkaConfig kafka, URI upstream, Path data, List<String> jvm, String... settings)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(jvm);
        command.addAll(List.of(
                ServingMain.class.getName(),
                kafka.bootstrapServers(),
                Integer.toString(kafka.partitions()),
                upstream.toString(),
                data.toString()));
        command.addAll(List.of(settings));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = await(output, "started ");
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        return new ServingChild(
                process, output, new Http(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
    }

    /** Returns once it is ready. */
    public ServingChild ready() throws IOException {
        await(output, "ready");
        return this;
    }

    public Http http() {
        return http;
    }

    /** The most memory that it ever had, in megabytes; zero where the system does not say. */
    public long peakMegabytes() throws IOException {
        return status("VmHWM:");
    }

    /** The memory that it has, in megabytes; zero where the system does not say. */
    public long megabytes() throws IOException {
        return status("VmRSS:");
    }

    private long status(String name) throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10)
                .findFirst()
                .orElse(0);
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Ends it in order. */
    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String await(BufferedReader output, String start) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(start)) {
                return line;
            }
            all.append(line).append('\n');
        }
        throw new IOException("The process ended: " + all);
    }
}
