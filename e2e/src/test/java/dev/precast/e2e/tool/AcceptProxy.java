package dev.precast.e2e.tool;

import dev.precast.testkit.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * An nginx on loopback that replaces the Accept header of every request, so that a modern client is answered as an old one
 * would be. It passes on {@code Host}, and hides nothing else.
 */
public final class AcceptProxy implements AutoCloseable {
    private final int port;
    private final ChildProcess process;
    private final Path accessLog;

    private AcceptProxy(int port, ChildProcess process, Path accessLog) {
        this.port = port;
        this.process = process;
        this.accessLog = accessLog;
    }

    /** @param accept the header's value; empty: no such header, as Docker 1.6 to 1.9 ask */
    public static AcceptProxy start(Path folder, String upstream, String accept) {
        int port = Ports.free();
        Path configuration = folder.resolve("nginx.conf");
        try {
            Files.createDirectories(folder);
            Files.writeString(configuration, configuration(folder, port, upstream, accept));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ChildProcess process = ChildProcess.start(
                List.of(
                        ExternalTool.NGINX.path(),
                        "-p",
                        folder.toString(),
                        "-e",
                        folder.resolve("error.log").toString(),
                        "-c",
                        configuration.toString()),
                folder.resolve("nginx.out"));
        awaitListening(port, process);
        return new AcceptProxy(port, process, folder.resolve("access.log"));
    }

    /** Waits until something listens, or fails as soon as {@code server} has ended. */
    private static void awaitListening(int port, ChildProcess server) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .failFast("the server ended: see its output", server::hasEnded)
                .until(() -> listens(port));
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String configuration(Path folder, int port, String upstream, String accept) {
        return """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                events { worker_connections 128; }
                http {
                  log_format answers '$status $sent_http_content_type $request_uri';
                  access_log %1$s/access.log answers;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d;
                    location / {
                      proxy_pass http://%3$s;
                      proxy_http_version 1.1;
                      proxy_set_header Host $http_host;
                      proxy_set_header Accept "%4$s";
                    }
                  }
                }
                """.formatted(folder, port, upstream, accept);
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** One line an answer, oldest first: status, content type, path. */
    public List<String> answers() {
        try {
            return Files.readAllLines(accessLog);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
