package dev.precast.bench.server;

import dev.precast.bench.tool.Program;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A real nginx: one that serves given bytes as static files, open files cached, or one in front of the shards of a view. */
public final class Nginx implements AutoCloseable {
    private static final int ATTEMPTS = 500;

    private final Program program;
    private final URI uri;

    private Nginx(Program program, URI uri) {
        this.program = program;
        this.uri = uri;
    }

    /**
     * @param paths to serve
     * @param content of each of them, a file of its own
     */
    public static Nginx start(Path directory, List<String> paths, byte[] content)
            throws IOException, InterruptedException {
        Path root = directory.resolve("root");
        for (String path : paths) {
            Path file = root.resolve(path.substring(1));
            Files.createDirectories(file.getParent());
            Files.write(file, content);
        }
        int port = Ports.free();
        return start(directory, port, config(directory, root, port));
    }

    /**
     * Asks any shard, and where that is not the one, the one that it names.
     *
     * @param owners where each shard listens, by its name such as {@code 2/8}
     */
    public static Nginx inFrontOf(Path directory, Map<String, URI> owners) throws IOException, InterruptedException {
        int port = Ports.free();
        StringBuilder names = new StringBuilder();
        StringBuilder servers = new StringBuilder();
        owners.forEach((shard, uri) -> {
            names.append('"')
                    .append(shard)
                    .append("\" ")
                    .append(uri.getAuthority())
                    .append("; ");
            servers.append("server ").append(uri.getAuthority()).append("; ");
        });
        return start(Files.createDirectories(directory), port, """
                daemon off;
                %4$s
                worker_processes 1;
                pid %1$s/nginx.pid;
                error_log stderr warn;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  map $upstream_http_precast_shard $owner { %5$s }
                  upstream any { %3$s }
                  server {
                    listen 127.0.0.1:%2$d;
                    proxy_http_version 1.1;
                    location / { proxy_pass http://any; proxy_intercept_errors on; error_page 421 = @owner; }
                    location @owner { set $node $owner; proxy_pass http://$node; }
                  }
                }
                """.formatted(directory, port, servers, user(), names));
    }

    private static Nginx start(Path directory, int port, String text) throws IOException, InterruptedException {
        Path config = Files.writeString(directory.resolve("nginx.conf"), text);
        Program program = Program.start(
                directory.resolve("nginx.log"),
                List.of("sh", "-c", "PATH=$PATH:/usr/sbin exec nginx -p " + directory + " -c " + config));
        URI uri = URI.create("http://127.0.0.1:" + port);
        await(port);
        return new Nginx(program, uri);
    }

    /** Returns when somebody listens; gives up after 10 s. */
    private static void await(int port) throws IOException, InterruptedException {
        for (int i = 0; ; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return;
            } catch (IOException e) {
                if (i > ATTEMPTS) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }

    private static String config(Path directory, Path root, int port) {
        return """
                daemon off;
                %5$s
                worker_processes auto;
                pid %1$s/nginx.pid;
                error_log stderr warn;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  sendfile on;
                  tcp_nopush on;
                  keepalive_requests 100000000;
                  open_file_cache max=10000;
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
