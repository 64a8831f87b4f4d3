package dev.precast.ingest.registry;

import dev.precast.ingest.registry.Answer.Cause;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One request, one answer, within a time that includes the body. Redirects are never followed here. Thread-safe.
 */
final class Exchange {
    /** No answer came. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Cause failure;

        FailedException(Cause failure, String message) {
            super(message, null, false, false);
            this.failure = failure;
        }

        Cause failure() {
            return failure;
        }

        <T> Answer<T> answer() {
            return new Answer.Transient<>(failure, String.valueOf(getMessage()), Optional.empty());
        }
    }

    private final HttpClient client;
    private final Duration timeout;
    private final RequestWatch watch;

    Exchange(Duration timeout, Executor executor, RequestWatch watch) {
        this.timeout = timeout;
        this.watch = watch;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                // Never by the client: some JDKs send Authorization along to other origins.
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .executor(executor)
                .build();
    }

    /**
     * @param accept one header line each, as registry clients send them
     * @param authorization empty: none
     * @param cap bytes of body above which nothing more is read
     */
    HttpResponse<CappedBody.Body> send(
            RequestWatch.Operation operation, URI address, List<String> accept, Optional<String> authorization, int cap)
            throws FailedException {
        boolean head = operation.isHead();
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(head ? "HEAD" : "GET", HttpRequest.BodyPublishers.noBody())
                .timeout(timeout)
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "precast");
        accept.forEach(type -> request.header("Accept", type));
        authorization.ifPresent(value -> request.header("Authorization", value));
        long begin = System.nanoTime();
        String outcome = "failed";
        try {
            HttpResponse<CappedBody.Body> response = answer(request.build(), head ? 1 << 30 : cap);
            outcome = Integer.toString(response.statusCode());
            return response;
        } catch (FailedException e) {
            outcome = e.failure.name().toLowerCase(Locale.ROOT);
            throw e;
        } finally {
            watch.done(operation, outcome, Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    private HttpResponse<CappedBody.Body> answer(HttpRequest request, int cap) throws FailedException {
        CompletableFuture<HttpResponse<CappedBody.Body>> future = client.sendAsync(request, CappedBody.atMost(cap));
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new FailedException(
                    Cause.TIMEOUT, "The registry did not finish its answer within " + timeout.toMillis() + " ms.");
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new FailedException(Cause.INTERRUPTED, "Ingest is stopping.");
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        }
    }

    private static FailedException failed(Throwable cause) {
        if (cause instanceof java.net.http.HttpTimeoutException) {
            return new FailedException(Cause.TIMEOUT, "The registry did not answer in time.");
        }
        boolean io = cause instanceof IOException;
        return new FailedException(
                io ? Cause.UNREACHABLE : Cause.UNEXPECTED_ANSWER,
                "The registry could not be read: " + cause.getClass().getSimpleName()
                        + (cause.getMessage() == null ? "" : ": " + cause.getMessage()));
    }
}
