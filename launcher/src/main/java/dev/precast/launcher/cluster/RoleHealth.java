package dev.precast.launcher.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * What a process says of its roles at its admin address.
 *
 * @param admin its address
 * @param state {@code ready}, {@code not ready}, {@code dead} or {@code unreachable}
 * @param roles one line each: name and detail
 */
public record RoleHealth(String admin, String state, List<String> roles) {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int OK = 200;

    /** @param admin without a slash at the end */
    public static RoleHealth ask(String admin) throws InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        try {
            HttpResponse<String> ready = get(client, admin + "/health/ready");
            boolean live = get(client, admin + "/health/live").statusCode() == OK;
            String state = ready.statusCode() == OK ? "ready" : live ? "not ready" : "dead";
            return new RoleHealth(admin, state, ready.body().lines().limit(10).toList());
        } catch (IOException | IllegalArgumentException e) {
            return new RoleHealth(admin, "unreachable", List.of());
        }
    }

    private static HttpResponse<String> get(HttpClient client, String url) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(PATIENCE).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
