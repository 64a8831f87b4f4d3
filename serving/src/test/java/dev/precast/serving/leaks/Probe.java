package dev.precast.serving.leaks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Asks, and shows all that a stranger can see of the answer. Thread-safe. */
final class Probe {
    private static final String ACCEPT = "application/vnd.docker.distribution.manifest.v1+prettyjws, "
            + "application/vnd.docker.distribution.manifest.v2+json";

    /**
     * An answer.
     *
     * @param headers without the date
     * @param nanos that it took
     */
    record Seen(int status, Map<String, List<String>> headers, String body, long nanos) {
        /** All but the time, with {@code word} replaced wherever the server repeats it. */
        String shape(String word, String by) {
            return (status + " " + headers + " " + body).replace(word, by);
        }
    }

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final String base;

    Probe(String base) {
        this.base = base;
    }

    Seen ask(String method, String target, Caller caller) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + target))
                .timeout(Duration.ofSeconds(60))
                .header("Accept", ACCEPT)
                .method(method, BodyPublishers.noBody());
        if (caller.authorization() != null) {
            request.header("Authorization", caller.authorization());
        }
        try {
            long start = System.nanoTime();
            HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
            long nanos = System.nanoTime() - start;
            Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
            headers.remove("date");
            return new Seen(
                    response.statusCode(), headers, new String(response.body(), StandardCharsets.ISO_8859_1), nanos);
        } catch (IOException e) {
            throw new IllegalStateException(method + " " + target + " as " + caller, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
