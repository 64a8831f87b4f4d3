package dev.precast.ingest.webhook;

import dev.precast.ingest.IngestConfig;
import dev.precast.ingest.metrics.EventMetrics;
import dev.precast.ingest.notification.NotificationSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The door for events on a free port, what it keeps and counts, and somebody who knocks. The secret is {@code hush}. */
final class Door implements AutoCloseable {
    static final String PUSH =
            "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"a/b\",\"tag\":\"v1\"}}]}";

    private final MemoryLog log = new MemoryLog();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient client = HttpClient.newHttpClient();
    private final EventServer server;

    private Door(IngestConfig config, Duration requestLimit) {
        EventMetrics metrics = new EventMetrics(meters);
        server = new EventServer(
                config.events(),
                new EventRoutes(
                        config.events(), new NotificationSources(() -> "made-id"), log, metrics, Clock.systemUTC()),
                metrics,
                requestLimit);
        server.start();
    }

    /** @param more values beside two secrets, {@code old} and {@code hush} */
    static Door open(Map<String, String> more) {
        return open(more, Duration.ofSeconds(10));
    }

    static Door open(Map<String, String> more, Duration requestLimit) {
        Map<String, String> values = new HashMap<>(Map.of(
                "ingest.listen", "127.0.0.1:0",
                "ingest.secrets", "old,hush"));
        values.putAll(more);
        return new Door(IngestConfig.from(values), requestLimit);
    }

    MemoryLog log() {
        return log;
    }

    SimpleMeterRegistry meters() {
        return meters;
    }

    int port() {
        return server.address().getPort();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    /** How many events came to this, by the meters. */
    double events(String source, String action, String outcome) {
        return meters.get("precast.ingest.events")
                .tags("source", source, "action", action, "outcome", outcome)
                .counter()
                .count();
    }

    HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** A push by whoever says this of himself. */
    HttpResponse<String> pushAs(String authorization) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri("/events"))
                .header("Authorization", authorization)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(PUSH))
                .build());
    }

    /** With the secret. */
    HttpResponse<String> post(String path, String mediaType, byte[] body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer hush")
                .header("Content-Type", mediaType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    HttpResponse<String> post(String path, String mediaType, String body) throws IOException, InterruptedException {
        return post(path, mediaType, body.getBytes(StandardCharsets.UTF_8));
    }

    /** Bytes as they are; what is answered, up to the end of an error or of the connection. */
    String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            byte[] buffer = new byte[8192];
            StringBuilder answer = new StringBuilder();
            int read;
            while ((read = socket.getInputStream().read(buffer)) > 0) {
                answer.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                if (answer.toString().endsWith("]}\n")) {
                    break;
                }
            }
            return answer.toString();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
