package dev.precast.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Plain requests to a registry: what {@code curl} would see. Never follows a redirect. */
public final class RegistryReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private final URI registry;

    public RegistryReader(URI registry) {
        this.registry = registry;
    }

    /** @param accepts one header line each; none: no Accept header */
    public Answer get(String path, String... accepts) {
        return request("GET", path, accepts);
    }

    /** The same request without a body in the answer. */
    public Answer head(String path, String... accepts) {
        return request("HEAD", path, accepts);
    }

    /** Any method, with an empty body. */
    public Answer request(String method, String path, String... accepts) {
        HttpRequest.Builder request = HttpRequest.newBuilder(registry.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .method(method, HttpRequest.BodyPublishers.noBody());
        for (String accept : accepts) {
            request.header("Accept", accept);
        }
        try {
            return new Answer(CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + registry.resolve(path), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted during a request.", e);
        }
    }

    /** What came back. Headers are looked up in any case. */
    public record Answer(HttpResponse<byte[]> response) {
        public int status() {
            return response.statusCode();
        }

        public byte[] body() {
            return response.body();
        }

        public String text() {
            return new String(body(), StandardCharsets.UTF_8);
        }

        /** The body read as JSON. */
        public JsonNode json() {
            try {
                return JSON.readTree(body());
            } catch (IOException e) {
                throw new AssertionError("The body is no JSON: " + text(), e);
            }
        }

        public Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }

        public String digest() {
            return header("Docker-Content-Digest").orElse("none");
        }

        public String contentType() {
            return header("Content-Type").orElse("none");
        }
    }
}
