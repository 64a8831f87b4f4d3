package dev.precast.e2e.tool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A real Docker Distribution 2.8 on loopback that tells Precast what is pushed, with the configuration that docs/REGISTRIES.md shows. */
public final class DockerRegistry implements AutoCloseable {
    private final int port;
    private final ChildProcess process;

    private DockerRegistry(int port, ChildProcess process) {
        this.port = port;
        this.process = process;
    }

    /** @param eventsPort where Precast will take events; nothing needs to listen there yet */
    public static DockerRegistry start(Path folder, int eventsPort) {
        int port = Ports.free();
        Path configuration = folder.resolve("registry.yml");
        try {
            Files.createDirectories(folder);
            Files.writeString(configuration, configuration(folder.resolve("storage"), port, eventsPort));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChildProcess process = ChildProcess.start(
                List.of(ExternalTool.DOCKER_REGISTRY.path(), "serve", configuration.toString()),
                folder.resolve("registry.log"));
        Ports.awaitListening(port, process);
        return new DockerRegistry(port, process);
    }

    private static String configuration(Path storage, int port, int eventsPort) {
        return """
                version: 0.1
                log: {level: warn}
                storage:
                  filesystem: {rootdirectory: "%s"}
                  delete: {enabled: true}
                http: {addr: "127.0.0.1:%d"}
                notifications:
                  endpoints:
                    - name: precast
                      url: http://127.0.0.1:%d/events
                      timeout: 5s
                      threshold: 5
                      backoff: 1s
                      ignore:
                        mediatypes: [application/octet-stream]
                        actions: [pull]
                """.formatted(storage, port, eventsPort);
    }

    /** {@code host:port}, as clients are told it. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    public URI url() {
        return URI.create("http://" + address());
    }

    @Override
    public void close() {
        process.close();
    }
}
