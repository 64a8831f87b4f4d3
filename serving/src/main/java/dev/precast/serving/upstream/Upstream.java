package dev.precast.serving.upstream;

import dev.precast.serving.metrics.ServingMetrics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The registry behind. The URL comes from configuration and from parsed names only; redirects are answers, never followed here, so
 * credentials go nowhere else: {@link Redirects} says where one may lead. Thread-safe.
 */
public final class Upstream implements AutoCloseable {
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(5);

    private final URI registry;
    private final Duration timeout;
    private final HttpClient client;
    private final StreamClient streams;
    private final ServingMetrics metrics;
    private final @Nullable UpstreamLogin login;

    /** Asks with nothing but what a request brings. */
    public Upstream(URI registry, Duration timeout, ServingMetrics metrics) {
        this(registry, timeout, metrics, null);
    }

    /**
     * @param registry base URL, without {@code /v2/} and without a slash at the end
     * @param timeout of the headers, and of each further piece of a body
     * @param metrics told how long every exchange took, those of a login included
     * @param login Precast's own, put in the place of what a request brings; absent where callers log in themselves
     */
    public Upstream(URI registry, Duration timeout, ServingMetrics metrics, @Nullable UpstreamLogin login) {
        this.login = login;
        this.metrics = metrics;
        this.registry = registry;
        this.timeout = timeout;
        Duration connect = timeout.compareTo(LONGEST_CONNECT) < 0 ? timeout : LONGEST_CONNECT;
        this.client = HttpClient.newBuilder()
                .version(Version.HTTP_1_1)
                .followRedirects(Redirect.NEVER)
                .connectTimeout(connect)
                .build();
        this.streams = new StreamClient(connect);
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
        return login == null ? exchange(request, patience) : login.send(request, each -> exchange(each, patience));
    }

    private UpstreamResponse exchange(UpstreamRequest request, Duration patience) throws UpstreamException {
        HttpRequest asked = httpRequest(URI.create(registry + request.target()), request, patience);
        long start = System.nanoTime();
        try {
            HttpResponse<UpstreamBody> response = client.send(asked, info -> new UpstreamBody(patience));
            answered(request, response.statusCode(), start);
            HeaderLines headers = HeaderLines.of(response.headers().map());
            UpstreamResponse answer = new UpstreamResponse(response.statusCode(), headers, response.body());
            return requireIdentity(answer);
        } catch (UpstreamException e) {
            throw e;
        } catch (IOException e) {
            throw failed(request, failure(e, patience), start);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException("broken", "Interrupted while asking the upstream", e);
        }
    }

    /** Asks without waiting; what comes is for one subscriber. The future fails with an {@link UpstreamException} only. */
    public CompletableFuture<UpstreamStream> ask(UpstreamRequest request) {
        URI url = URI.create(registry + request.target());
        return askItself(url, request);
    }

    /** Asks the registry itself where it said, logged in as for {@code request.target()}, which plays no other part. */
    public CompletableFuture<UpstreamStream> askItself(URI url, UpstreamRequest request) {
        return login == null ? ask(url, request, false) : login.ask(request, each -> ask(url, each, false));
    }

    /**
     * Asks somewhere else, where the upstream said, with what the request brings; {@code request.target()} plays no part.
     *
     * @param publicOnly whether it fails, with the kind {@code redirect}, where the host has an address that is not public
     */
    public CompletableFuture<UpstreamStream> ask(URI url, UpstreamRequest request, boolean publicOnly) {
        HeaderLines headers = request.headers().without("accept-encoding").plus("accept-encoding", "identity");
        long start = System.nanoTime();
        return streams.ask(url, request.head(), headers, timeout, publicOnly).handle((stream, failure) -> {
            if (failure != null) {
                throw new CompletionException(failed(request, failure(unwrapped(failure), timeout), start));
            }
            answered(request, stream.status(), start);
            return stream;
        });
    }

    /** Bytes have to arrive as their digest was taken of them. */
    public static boolean isIdentity(HeaderLines headers) {
        return headers.first("Content-Encoding").orElse("identity").equalsIgnoreCase("identity");
    }

    /** Ends what {@link #ask} has begun. */
    @Override
    public void close() {
        streams.close();
    }

    private void answered(UpstreamRequest request, int status, long start) {
        metrics.upstream(request.purpose().label(), Integer.toString(status), System.nanoTime() - start);
    }

    private UpstreamException failed(UpstreamRequest request, UpstreamException failure, long start) {
        metrics.upstream(request.purpose().label(), failure.kind(), System.nanoTime() - start);
        return failure;
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    private static UpstreamException failure(Throwable e, Duration patience) {
        if (e instanceof UpstreamException known) {
            return known;
        }
        if (e instanceof HttpTimeoutException || StreamClient.isTimeout(e)) {
            return new UpstreamException("timeout", "The upstream did not answer in " + patience.toMillis() + " ms", e);
        }
        if (e instanceof CheckedAddresses.NotPublicException) {
            return new UpstreamException("redirect", "The upstream redirects to where nobody may go", e);
        }
        if (e instanceof ConnectException || e instanceof UnknownHostException) {
            return new UpstreamException("unreachable", "The upstream cannot be reached", e);
        }
        return new UpstreamException("broken", "The upstream broke off before its answer: " + e, e);
    }

    private static HttpRequest httpRequest(URI url, UpstreamRequest request, Duration patience)
            throws UpstreamException {
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(url)
                    .timeout(patience)
                    .method(request.head() ? "HEAD" : "GET", BodyPublishers.noBody())
                    .setHeader("Accept-Encoding", "identity");
            request.headers().forEach(builder::header);
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new UpstreamException("refused", "The request holds a header that cannot be sent on", e);
        }
    }

    private static UpstreamResponse requireIdentity(UpstreamResponse answer) throws UpstreamException {
        if (!isIdentity(answer.headers())) {
            answer.close();
            throw new UpstreamException(
                    "broken",
                    "The upstream answered with Content-Encoding, though asked for none",
                    new IOException("Content-Encoding"));
        }
        return answer;
    }
}
