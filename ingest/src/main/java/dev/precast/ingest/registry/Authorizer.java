package dev.precast.ingest.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.StrictJson;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Answers the registry's challenges: Basic with the configured credentials, Bearer with a token that they, or nobody's, buy at a
 * realm which {@link Destinations} allows (distribution {@code docs/spec/auth/token.md}). Tokens are remembered per scope until
 * shortly before they expire, and never logged. Thread-safe.
 */
final class Authorizer {
    private static final int MAX_TOKEN_ANSWER = 64 << 10;
    private static final int MAX_REMEMBERED = 10_000;
    private static final Duration DEFAULT_LIFETIME = Duration.ofSeconds(60);
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private record Token(String header, Instant until) {}

    private final Exchange exchange;
    private final Destinations destinations;
    private final Optional<String> basic;
    private final Clock clock;
    private final Breaker pattern;
    /** By the realm's scheme, host and port: a realm is often another machine than the registry. */
    private final Map<String, Breaker> breakers = new ConcurrentHashMap<>();

    private final Map<String, Token> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Token> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    /** @param pattern of the breakers, one for each realm */
    Authorizer(
            Exchange exchange,
            Destinations destinations,
            String username,
            String password,
            Clock clock,
            Breaker pattern) {
        this.pattern = pattern;
        this.exchange = exchange;
        this.destinations = destinations;
        this.clock = clock;
        this.basic = username.isEmpty()
                ? Optional.empty()
                : Optional.of("Basic "
                        + Base64.getEncoder()
                                .encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    /** What bought access to {@code scope} last time and is still good; empty: ask without. */
    Optional<String> known(String scope) {
        synchronized (remembered) {
            Token token = remembered.get(scope);
            return token == null || !clock.instant().isBefore(token.until())
                    ? Optional.empty()
                    : Optional.of(token.header());
        }
    }

    /** The {@code Authorization} that answers a 401; empty when nothing configured can. */
    Optional<String> answer(List<String> challenges, String scope) throws Exchange.FailedException {
        for (String header : challenges) {
            Optional<Challenge> challenge = Challenge.parse(header);
            if (challenge.isPresent() && challenge.get().scheme().equals("bearer")) {
                return Optional.of(remember(scope, token(challenge.get(), scope)));
            }
            if (challenge.isPresent() && challenge.get().scheme().equals("basic") && basic.isPresent()) {
                return Optional.of(remember(scope, new Token(basic.get(), Instant.MAX)));
            }
        }
        return Optional.empty();
    }

    private String remember(String scope, Token token) {
        synchronized (remembered) {
            remembered.put(scope, token);
        }
        return token.header();
    }

    private Token token(Challenge challenge, String scope) throws Exchange.FailedException {
        URI realm = realm(challenge.parameters().getOrDefault("realm", ""));
        // The scope is ours, not the challenge's: credentials buy the right to read this repository and nothing else.
        String query = "service=" + encode(challenge.parameters().getOrDefault("service", ""))
                + (scope.isEmpty() ? "" : "&scope=" + encode(scope));
        URI address = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query);
        Reply response = ask(address);
        int status = response.statusCode();
        if (status != 200 || !response.body().complete()) {
            boolean passes = isFailure(status);
            throw new Exchange.FailedException(
                    passes ? Session.cause(status) : Cause.UNAUTHORIZED,
                    "The token realm " + realm.getHost() + " answered " + status + ", expected 200."
                            + (passes ? "" : " Check registry.username and registry.password."),
                    RetryAfter.of(response, clock));
        }
        return token(response.body().bytes());
    }

    private Reply ask(URI address) throws Exchange.FailedException {
        Breaker breaker = breakers.computeIfAbsent(
                address.getScheme() + "://" + address.getAuthority(), origin -> pattern.another());
        Duration left = breaker.left();
        if (!left.isZero()) {
            throw new Exchange.FailedException(
                    Cause.UNREACHABLE,
                    "The token realm " + address.getHost() + " only failed and is left alone for a while.",
                    Optional.of(left));
        }
        try {
            Reply response = exchange.send(
                    RequestWatch.Operation.TOKEN,
                    address,
                    List.of("application/json"),
                    basic,
                    MAX_TOKEN_ANSWER,
                    exchange.deadline());
            if (isFailure(response.statusCode())) {
                breaker.failed(RetryAfter.of(response, clock).orElse(Duration.ZERO));
            } else {
                breaker.succeeded();
            }
            return response;
        } catch (Exchange.FailedException e) {
            if (!e.failure().isAnAnswer() && e.failure() != Cause.INTERRUPTED) {
                breaker.failed(Duration.ZERO);
            }
            throw e;
        }
    }

    private static boolean isFailure(int status) {
        return status >= 500 || status == 429;
    }

    private URI realm(String text) throws Exchange.FailedException {
        try {
            URI realm = URI.create(text);
            if (destinations.mayIssueTokens(realm)) {
                return realm;
            }
        } catch (IllegalArgumentException e) {
            throw new Exchange.FailedException(Cause.UNAUTHORIZED, "The registry names a token realm that is no URL.");
        }
        throw new Exchange.FailedException(
                Cause.UNAUTHORIZED,
                "The registry sends us to the token realm \"" + text
                        + "\", which is not its own. If it is yours, add its host to registry.realms.");
    }

    private Token token(byte[] body) throws Exchange.FailedException {
        try {
            JsonNode answer = StrictJson.read(body, "token answer", RefusalReason.MALFORMED_MANIFEST);
            String token =
                    answer.path("token").asText(answer.path("access_token").asText(""));
            if (!token.isEmpty() && token.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
                Duration lifetime = answer.path("expires_in").isInt()
                        ? Duration.ofSeconds(answer.path("expires_in").intValue())
                        : DEFAULT_LIFETIME;
                return new Token(
                        "Bearer " + token, clock.instant().plus(lifetime).minus(MARGIN));
            }
        } catch (RefusedException e) {
            throw new Exchange.FailedException(Cause.UNAUTHORIZED, "The token realm's answer is not a token.");
        }
        throw new Exchange.FailedException(Cause.UNAUTHORIZED, "The token realm's answer holds no token.");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
