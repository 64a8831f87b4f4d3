package dev.precast.bench.server;

import dev.precast.bench.tool.Ports;
import dev.precast.bench.tool.Program;
import dev.precast.schemas.image.MediaTypes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real nginx that serves given bytes as static files, open files cached. */
public final class Nginx implements AutoCloseable {
    private final Program program;
    private final URI uri;

    private Nginx(Program program, URI uri) {
        this.program = program;
        this.uri = uri;
    }

    /** @param files what to serve, by path */
    public static Nginx start(Path directory, Map<String, byte[]> files) throws IOException, InterruptedException {
        Path root = directory.resolve("root");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = root.resolve(file.getKey().substring(1));
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        int port = Ports.free();
        Path config = Files.writeString(directory.resolve("nginx.conf"), config(directory, root, port));
        Program program = Program.start(
                directory.resolve("nginx.log"),
                List.of("sh", "-c", "PATH=$PATH:/usr/sbin exec nginx -p " + directory + " -c " + config));
        URI uri = URI.create("http://127.0.0.1:" + port);
        Ports.await(port);
        return new Nginx(program, uri);
    }

    private static String config(Path directory, Path root, int port) {
        return """
                daemon off;
                %5$s
                worker_processes auto;
                pid %1$s/nginx.pid;
                error_log stderr warn;
                events { worker_connections 4096; }
                http {
                  access_log off;
                  sendfile on;
                  tcp_nopush on;
                  keepalive_requests 100000000;
                  open_file_cache max=1000;
                  default_type %4$s;
                  server { listen 127.0.0.1:%3$d; root %2$s; }
                }
                """.formatted(directory, root, port, MediaTypes.SCHEMA1_SIGNED, user());
    }

    /** Started by root, the workers would be somebody else, who may not read the files. */
    private static String user() {
        return System.getProperty("user.name").equals("root") ? "user root;" : "";
    }

    public URI uri() {
        return uri;
    }

    public Program program() {
        return program;
    }

    @Override
    public void close() {
        program.close();
    }
}
