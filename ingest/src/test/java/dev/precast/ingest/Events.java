package dev.precast.ingest;

import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Sends events as a registry does. */
final class Events {
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI address;

    Events(InetSocketAddress address) {
        this.address = URI.create("http://127.0.0.1:" + address.getPort() + "/events");
    }

    /** The status of the answer. */
    int push(String repository, String tag, Digest digest) throws IOException, InterruptedException {
        return push(tag, repository, tag, digest);
    }

    /** As above, with an id of the event. */
    int push(String id, String repository, String tag, Digest digest) throws IOException, InterruptedException {
        String body = "{\"events\":[{\"id\":\"" + id + "\",\"action\":\"push\",\"target\":{\"repository\":\""
                + repository + "\",\"tag\":\"" + tag + "\",\"digest\":\"" + digest + "\"}}]}";
        HttpRequest request = HttpRequest.newBuilder(address)
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/vnd.docker.distribution.events.v2+json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
}
