package dev.precast.launcher.command;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Pulls a manifest as a client does that knows only schema 1. */
final class OldClient {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_ANSWER = 300;

    private static final String ADVICE =
            "Name an account with --user NAME:PASSWORD; tokens of a token server are not asked for. ";

    private OldClient() {}

    /**
     * What came.
     *
     * @param digest as the server says; absent when it says none
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Pulled(byte[] content, Optional<Digest> digest) {}

    /** @param user {@code name:password}, sent at once as basic authentication; absent to ask as nobody */
    static Pulled pull(String url, Reference reference, @Nullable String user)
            throws IOException, InterruptedException, CommandException {
        URI uri = URI.create(url + "/v2/" + reference.repository() + "/manifests/" + reference.tag());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(TIMEOUT).header("Accept", MediaTypes.SCHEMA1_SIGNED);
        if (user != null) {
            String encoded = Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
            request.header("Authorization", "Basic " + encoded);
        }
        HttpResponse<InputStream> response;
        try {
            response = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new CommandException(
                    "Cannot pull " + reference + " from " + url
                            + ": nobody answered. Start `precast up`, or name another" + " address with --url.",
                    e);
        }
        byte[] content;
        try (InputStream body = response.body()) {
            content = body.readNBytes(Limits.MAX_RECORD_BYTES);
        }
        if (response.statusCode() != 200) {
            throw new CommandException("Cannot pull " + reference + " from " + url + ": found status "
                    + response.statusCode() + ", expected 200. "
                    + (response.statusCode() == 401 ? ADVICE : "") + shorten(content));
        }
        return new Pulled(
                content, response.headers().firstValue("Docker-Content-Digest").flatMap(Digest::tryParse));
    }

    private static String shorten(byte[] content) {
        String text = new String(content, StandardCharsets.UTF_8).strip();
        return text.length() <= MAX_ANSWER ? text : text.substring(0, MAX_ANSWER) + "…";
    }
}
