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
        return start(kafka, registry, 10_000, "-XX:TieredStopAtLevel=1");
    }

    /** With both compilers and the default timeout. */
    static IngestProcess startAsInUse(KafkaConfig kafka, URI registry) throws IOException {
        return start(kafka, registry, 800, "-XX:+TieredCompilation");
    }

    private static IngestProcess start(KafkaConfig kafka, URI registry, int ackTimeout, String flag)
            throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        flag,
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IngestProcess.class.getName(),
                        kafka.bootstrapServers(),
                        Integer.toString(kafka.partitions()),
                        registry.toString(),
                        Integer.toString(ackTimeout))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
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

    /** SIGKILL: no shutdown hook, no flush. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        process.onExit().join();
        output.close();
    }

    /** @param arguments bootstrap servers, partitions, registry URL, milliseconds for an acknowledgement */
    public static void main(String[] arguments) throws Exception {
        KafkaConfig kafka = KafkaConfig.plaintext(arguments[0], Integer.parseInt(arguments[1]));
        IngestConfig config = IngestConfig.from(Map.of(
                "registry.url", arguments[2],
                "ingest.listen", "127.0.0.1:0",
                "ingest.ack.timeout.ms", arguments[3],
                "resolver.retry.max.ms", "500",
                "resolver.instance.id", "killed"));
        try (IngestApp ingest = new IngestApp(config, kafka, Clock.systemUTC(), new SimpleMeterRegistry())) {
            ingest.start();
            System.out.println("READY " + ingest.eventsAddress().getPort());
            System.out.flush();
            Thread.currentThread().join(); // Ends when it is killed.
        }
    }
}
