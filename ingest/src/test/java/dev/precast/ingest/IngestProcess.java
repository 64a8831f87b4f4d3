package dev.precast.ingest;

import dev.precast.schemas.kafka.KafkaConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Ingest in a JVM of its own, to be killed. Also that JVM's main class. */
public final class IngestProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final InetSocketAddress address;

    private IngestProcess(Process process, BufferedReader output, InetSocketAddress address) {
        this.process = process;
        this.output = output;
        this.address = address;
    }

    /** Quick to start, and patient. */
    static IngestProcess start(KafkaConfig kafka, URI registry) throws IOException {
        return start(kafka, registry, Map.of());
    }

    /** @param more values beside the registry, and instead of the usual ones */
    static IngestProcess start(KafkaConfig kafka, URI registry, Map<String, String> more) throws IOException {
        Map<String, String> values = new HashMap<>(Map.of("ingest.ack.timeout.ms", "10000"));
        values.putAll(more);
        return start(kafka, registry, values, "-XX:TieredStopAtLevel=1");
    }

    /** With both compilers and the default timeout. */
    static IngestProcess startAsInUse(KafkaConfig kafka, URI registry) throws IOException {
        return start(kafka, registry, Map.of(), "-XX:+TieredCompilation");
    }

    private static IngestProcess start(KafkaConfig kafka, URI registry, Map<String, String> values, String flag)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                flag,
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                IngestProcess.class.getName(),
                kafka.bootstrapServers(),
                Integer.toString(kafka.partitions()),
                "registry.url=" + registry));
        values.forEach((key, value) -> command.add(key + "=" + value));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("READY ")) {
                int port = Integer.parseInt(line.substring("READY ".length()));
                return new IngestProcess(
                        process, output, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
        throw new IOException("Ingest ended without an answer");
    }

    InetSocketAddress address() {
        return address;
    }

    /** SIGSTOP: it is there, and does nothing. */
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    /** SIGCONT. */
    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill " + signal + " ended with " + exit);
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: no shutdown hook, no flush. */
    void kill() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        output.close();
    }

    @Override
    public void close() throws IOException {
        kill();
    }

    /** @param arguments bootstrap servers, partitions, and {@code key=value} */
    public static void main(String[] arguments) throws Exception {
        KafkaConfig kafka = KafkaConfig.plaintext(arguments[0], Integer.parseInt(arguments[1]));
        Map<String, String> values = new HashMap<>(Map.of(
                "ingest.listen", "127.0.0.1:0", "resolver.retry.max.ms", "500", "resolver.instance.id", "killed"));
        for (String argument : List.of(arguments).subList(2, arguments.length)) {
            String[] pair = argument.split("=", 2);
            values.put(pair[0], pair[1]);
        }
        IngestConfig config = IngestConfig.from(values);
        try (IngestApp ingest = new IngestApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();
            System.out.println("READY " + ingest.eventsAddress().getPort());
            System.out.flush();
            Thread.currentThread().join(); // Ends when it is killed.
        }
    }
}
