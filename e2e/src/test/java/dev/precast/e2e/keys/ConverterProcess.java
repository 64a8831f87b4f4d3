package dev.precast.e2e.keys;

import dev.precast.e2e.client.RegistryReader;
import dev.precast.e2e.tool.ChildProcess;
import dev.precast.e2e.tool.Precast;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** {@code precast converter} in a process of its own. */
final class ConverterProcess implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(2);

    private final ChildProcess process;
    private final URI admin;

    private ConverterProcess(ChildProcess process, URI admin) {
        this.process = process;
        this.admin = admin;
    }

    /**
     * Starts one with a state of its own; {@link #awaitReady} waits for it.
     *
     * @param keys key directory
     */
    static ConverterProcess start(Path folder, KafkaConfig kafka, Path keys) {
        int port = Ports.free();
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChildProcess process = Precast.start(
                folder.resolve("converter.out"),
                "converter",
                "--kafka",
                kafka.bootstrapServers(),
                "--data",
                folder.resolve("data").toString(),
                "--admin-listen",
                "127.0.0.1:" + port,
                "--set",
                "converter.keys=" + keys,
                "--set",
                "kafka.topic.replication.factor=1");
        return new ConverterProcess(process, URI.create("http://127.0.0.1:" + port));
    }

    ConverterProcess awaitReady() {
        process.awaitLine("Health and metrics", START);
        return this;
    }

    /** {@code kill -9}. */
    void kill() {
        process.kill();
        process.waitFor(Duration.ofSeconds(10));
    }

    /** {@code kill -STOP}. */
    void pause() {
        process.pause();
    }

    /** {@code kill -CONT}. */
    void resume() {
        process.resume();
    }

    boolean isAlive() {
        return !process.hasEnded();
    }

    /** Everything that it says: log, health, metrics. */
    String everythingSaid() {
        StringBuilder said = new StringBuilder(process.output());
        if (isAlive()) {
            RegistryReader reader = new RegistryReader(admin);
            for (String path : List.of("/metrics", "/health/ready", "/")) {
                said.append(new String(reader.get(path).response().body(), StandardCharsets.UTF_8));
            }
        }
        return said.toString();
    }

    @Override
    public void close() {
        process.close();
    }
}
