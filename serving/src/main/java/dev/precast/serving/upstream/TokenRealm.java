package dev.precast.serving.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import dev.precast.schemas.net.TokenRealms;
import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Buys tokens where the upstream says, if {@link TokenRealms} allows it. Redirects are not followed. Thread-safe. */
final class TokenRealm {
    private static final int MAX_ANSWER = 64 << 10;
    private static final long DEFAULT_SECONDS = 60;
    private static final long MOST_SECONDS = 3_600;
    private static final String PURPOSE = "token";

    /**
     * A token that was bought.
     *
     * @param header the value of the Authorization header
     */
    record Token(String header, Duration lifetime) {
        @Override
        public String toString() {
            return "Token[…]";
        }
    }

    private final TokenRealms realms;
    private final Duration timeout;
    private final ServingMetrics metrics;
    private final HttpClient client;

    TokenRealm(TokenRealms realms, Duration timeout, ServingMetrics metrics) {
        this.metrics = metrics;
        this.realms = realms;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .followRedirects(Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /**
     * The future fails with an {@link UpstreamException} only: if the realm is not allowed, or gives none.
     *
     * @param basic what Precast's account is sent as; empty for anonymous tokens
     */
    CompletableFuture<Token> buy(Challenge challenge, String scope, Optional<String> basic) {
        HttpRequest request;
        try {
            request = request(challenge, scope, basic);
        } catch (UpstreamException e) {
            return CompletableFuture.failedFuture(e);
        }
        long start = System.nanoTime();
        return client.sendAsync(request, info -> new LimitedBody(MAX_ANSWER))
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, failure) -> {
                    String status = response == null ? "none" : Integer.toString(response.statusCode());
                    metrics.upstream(PURPOSE, status, System.nanoTime() - start);
                    try {
                        return token(response, failure);
                    } catch (UpstreamException e) {
                        throw new CompletionException(e);
                    }
                });
    }

    private HttpRequest request(Challenge challenge, String scope, Optional<String> basic) throws UpstreamException {
        URI realm = allowed(challenge.parameter("realm"));
        String query = (realm.getRawQuery() == null ? "?" : "&") + "service=" + encoded(challenge.parameter("service"))
                + (scope.isEmpty() ? "" : "&scope=" + encoded(scope));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(realm + query))
                .timeout(timeout)
                .GET();
        basic.ifPresent(value -> request.header("Authorization", value));
        return request.build();
    }

    private static Token token(@Nullable HttpResponse<byte[]> response, @Nullable Throwable failure)
            throws UpstreamException {
        if (response == null) {
            throw noToken("no answer", failure);
        }
        if (response.statusCode() != 200) {
            throw noToken("status " + response.statusCode(), null);
        }
        return read(response.body());
    }

    private URI allowed(String text) throws UpstreamException {
        try {
            URI realm = URI.create(text);
            if (realms.allows(realm)) {
                return realm;
            }
        } catch (IllegalArgumentException e) {
            throw notAllowed(e);
        }
        throw notAllowed(null);
    }

    private static Token read(byte[] bytes) throws UpstreamException {
        try {
            JsonNode answer = StrictJson.read(bytes, "token answer", RefusalReason.MALFORMED_MANIFEST);
            String token =
                    answer.path("token").asText(answer.path("access_token").asText(""));
            if (!token.matches("[A-Za-z0-9._~+/=-]{1,16384}")) {
                throw noToken("an answer without one", null);
            }
            long seconds = answer.path("expires_in").asLong(DEFAULT_SECONDS);
            return new Token("Bearer " + token, Duration.ofSeconds(Math.max(1, Math.min(MOST_SECONDS, seconds))));
        } catch (RefusedException e) {
            throw noToken("no acceptable JSON", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static UpstreamException noToken(String found, @Nullable Throwable cause) {
        return new UpstreamException(
                "credentials",
                "Cannot get a token for the upstream registry: found " + found
                        + ", expected one. Check registry.username.",
                new IOException("no token", cause));
    }

    private static UpstreamException notAllowed(@Nullable Exception cause) {
        return new UpstreamException(
                "credentials",
                "Cannot get a token for the upstream registry: found a realm on another host or port, expected the registry's own or one of registry.realms. Add it there if it is to be trusted.",
                new IOException("realm", cause));
    }
}
