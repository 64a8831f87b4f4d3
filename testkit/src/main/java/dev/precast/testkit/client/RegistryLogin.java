package dev.precast.testkit.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.precast.testkit.client.RawHttp.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Docker does about a 401. Sources: moby v1.6.2 {@code registry/auth.go} and {@code registry/token.go}, v1.9.1
 * {@code vendor/src/github.com/docker/distribution/registry/client/auth/session.go} (an answer without {@code token} is an
 * error), and v1.13.1 of the same file ({@code access_token} is taken as well, and first).
 */
public final class RegistryLogin {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PARAMETER = Pattern.compile("([a-z]+)=\"([^\"]*)\"");

    private RegistryLogin() {}

    /** What {@code docker login} was given. */
    public record Account(String user, String password) {
        /** As an Authorization header. */
        public String basic() {
            byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
            return "Basic " + Base64.getEncoder().encodeToString(both);
        }
    }

    /**
     * The Authorization header for a pull, or an assertion where the client would give up.
     *
     * @param refused the 401
     * @param tokenOnly whether {@code access_token} means nothing to the client
     */
    static String answer(
            Answer refused, String repository, Optional<Account> account, String userAgent, boolean tokenOnly) {
        String challenge = refused.header("WWW-Authenticate").orElse("none");
        String scheme = challenge.split(" ", 2)[0].toLowerCase(Locale.ROOT);
        if (scheme.equals("basic")) {
            assertThat(account).as("an account for " + challenge).isPresent();
            return account.orElseThrow().basic();
        }
        assertThat(scheme).as(challenge).isEqualTo("bearer");
        return "Bearer " + token(parameters(challenge), repository, account, userAgent, tokenOnly);
    }

    private static String token(
            Map<String, String> challenge,
            String repository,
            Optional<Account> account,
            String userAgent,
            boolean tokenOnly) {
        URI realm = URI.create(challenge.getOrDefault("realm", "none"));
        assertThat(realm.getScheme()).as("realm " + realm).isIn("http", "https");
        StringBuilder query = new StringBuilder("?service=")
                .append(encoded(challenge.getOrDefault("service", "")))
                .append("&scope=")
                .append(encoded("repository:" + repository + ":pull"));
        account.ifPresent(known -> query.append("&account=").append(encoded(known.user())));
        List<String> lines = new ArrayList<>(List.of("User-Agent: " + userAgent));
        account.ifPresent(known -> lines.add("Authorization: " + known.basic()));
        Answer answer = new RawHttp(realm).request("GET", realm.getRawPath() + query, lines);
        assertThat(answer.status()).as("GET " + realm).isEqualTo(200);
        JsonNode bought = json(answer);
        String later = tokenOnly ? "" : bought.path("access_token").asText();
        String token = later.isEmpty() ? bought.path("token").asText() : later;
        assertThat(token)
                .as("authorization server did not include a token in the response")
                .isNotEmpty();
        return token;
    }

    private static Map<String, String> parameters(String challenge) {
        Map<String, String> parameters = new LinkedHashMap<>();
        Matcher matcher = PARAMETER.matcher(challenge);
        while (matcher.find()) {
            parameters.put(matcher.group(1), matcher.group(2));
        }
        return parameters;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonNode json(Answer answer) {
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
