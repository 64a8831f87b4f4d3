package dev.precast.launcher.layout;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Posts generic events to ingest, as any source without a notification format of its own would. Thread-safe. */
public final class HintPoster {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final URI events;
    private final @Nullable String secret;

    /** @param secret Bearer secret that ingest asks for; absent when it asks for none */
    public HintPoster(URI events, @Nullable String secret) {
        this.events = events;
        this.secret = secret;
    }

    /**
     * Whether ingest has it durably.
     *
     * @param digest absent when the tag is gone
     */
    boolean post(Reference reference, @Nullable Digest digest) throws InterruptedException {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("repository", reference.repository())
                .put("tag", reference.tag())
                .put("action", digest == null ? "delete" : "push");
        if (digest != null) {
            body.put("digest", digest.toString());
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(events)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString(), StandardCharsets.UTF_8));
        if (secret != null) {
            request.header("Authorization", "Bearer " + secret);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            // Not there yet, or gone for a moment: the watcher asks again.
            return false;
        }
    }
}
