package dev.precast.serving.upstream;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;

/**
 * The registry behind. The URL comes from configuration and from parsed names only; redirects are answers, never followed, so
 * credentials go nowhere else. Thread-safe.
 */
public final class Upstream {
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(5);

    private final URI registry;
    private final Duration timeout;
    private final HttpClient client;

    /**
     * @param registry base URL, without {@code /v2/} and without a slash at the end
     * @param timeout of the headers, and of each further piece of a body
     */
    public Upstream(URI registry, Duration timeout) {
        this.registry = registry;
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .version(Version.HTTP_1_1)
                .followRedirects(Redirect.NEVER)
                .connectTimeout(timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT)
                .build();
    }

    /**
     * Asks, and returns when the headers are there; the caller reads and closes the body.
     *
     * @throws UpstreamException if no usable answer comes
     */
    public UpstreamResponse send(UpstreamRequest request) throws UpstreamException {
        return send(request, timeout);
    }

    /** Asks, with a timeout of its own. */
    public UpstreamResponse send(UpstreamRequest request, Duration patience) throws UpstreamException {
        try {
            HttpResponse<UpstreamBody> response =
                    client.send(httpRequest(request, patience), info -> new UpstreamBody(patience));
            HeaderLines headers = HeaderLines.of(response.headers().map());
            UpstreamResponse answer = new UpstreamResponse(response.statusCode(), headers, response.body());
            return requireIdentity(answer);
        } catch (HttpTimeoutException e) {
            throw new UpstreamException("timeout", "The upstream did not answer in " + patience.toMillis() + " ms", e);
        } catch (UpstreamException e) {
            throw e;
        } catch (ConnectException e) {
            throw new UpstreamException("unreachable", "The upstream cannot be reached", e);
        } catch (IOException e) {
            throw new UpstreamException("broken", "The upstream broke off before its answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException("broken", "Interrupted while asking the upstream", e);
        }
    }

    /** Where a Location that the upstream sent points to, for somebody who asked us instead of it. */
    public String absolute(String location) {
        try {
            URI target = URI.create(location);
            return target.isAbsolute()
                    ? location
                    : URI.create(registry + "/v2/").resolve(target).toString();
        } catch (IllegalArgumentException e) {
            return location;
        }
    }

    private HttpRequest httpRequest(UpstreamRequest request, Duration patience) throws UpstreamException {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(registry + request.target()))
                    .timeout(patience)
                    .method(request.head() ? "HEAD" : "GET", BodyPublishers.noBody())
                    .setHeader("Accept-Encoding", "identity");
            request.headers().forEach(builder::header);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UpstreamException("refused", "The request holds a header that cannot be sent on", e);
        }
    }

    /** Bytes have to arrive as their digest was taken of them. */
    private static UpstreamResponse requireIdentity(UpstreamResponse answer) throws UpstreamException {
        String encoding = answer.headers().first("Content-Encoding").orElse("identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            answer.close();
            throw new UpstreamException(
                    "broken",
                    "The upstream answered with Content-Encoding, though asked for none",
                    new IOException("Content-Encoding"));
        }
        return answer;
    }
}
