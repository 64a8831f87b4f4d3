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
 * One request, one answer, within a time that includes the body and what was asked before for the same object. Redirects are never
 * followed here, and compressed answers are not taken. Thread-safe.
 */
final class Exchange {
    /** No answer came. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final Cause failure;
        private final transient Optional<Duration> retryAfter;

        FailedException(Cause failure, String message) {
            this(failure, message, Optional.empty());
        }

        FailedException(Cause failure, String message, Optional<Duration> retryAfter) {
            super(message, null, false, false);
            this.failure = failure;
            this.retryAfter = retryAfter;
        }

        Cause failure() {
            return failure;
        }

        <T> Answer<T> answer() {
            return new Answer.Transient<>(failure, String.valueOf(getMessage()), retryAfter);
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

    /** For an object of which the reading begins now. */
    Deadline deadline() {
        return Deadline.after(timeout);
    }

    /**
     * @param accept one header line each, as registry clients send them
     * @param authorization empty: none
     * @param cap bytes of body above which nothing more is read
     */
    Reply send(
            RequestWatch.Operation operation,
            URI address,
            List<String> accept,
            Optional<String> authorization,
            int cap,
            Deadline deadline)
            throws FailedException {
        boolean head = operation.isHead();
        Duration left = deadline.left();
        if (left.isZero()) {
            throw late(deadline);
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(head ? "HEAD" : "GET", HttpRequest.BodyPublishers.noBody())
                .timeout(left)
                .header("Accept-Encoding", "identity")
                .header("User-Agent", "precast");
        accept.forEach(type -> request.header("Accept", type));
        authorization.ifPresent(value -> request.header("Authorization", value));
        long begin = System.nanoTime();
        String outcome = "failed";
        try {
            HttpResponse<CappedBody.Body> response = answer(request.build(), head ? 1 << 30 : cap, deadline);
            if (!head) {
                requireIdentity(response);
            }
            outcome = Integer.toString(response.statusCode());
            return new Reply(response.statusCode(), response.headers(), response.body());
        } catch (FailedException e) {
            outcome = e.failure.name().toLowerCase(Locale.ROOT);
            throw e;
        } finally {
            watch.done(operation, outcome, Duration.ofNanos(System.nanoTime() - begin));
        }
    }

    /** Whatever was asked for: what unpacks has no size. Refusals are read for their status alone. */
    private static void requireIdentity(HttpResponse<?> response) throws FailedException {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        if (response.statusCode() == 200 && !encoding.equalsIgnoreCase("identity")) {
            throw new FailedException(
                    Cause.CONTENT_ENCODING, "The registry answered with a Content-Encoding, expected identity.");
        }
    }

    private HttpResponse<CappedBody.Body> answer(HttpRequest request, int cap, Deadline deadline)
            throws FailedException {
        CompletableFuture<HttpResponse<CappedBody.Body>> future = client.sendAsync(request, CappedBody.atMost(cap));
        try {
            return future.get(deadline.left().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            future.cancel(true);
            throw late(deadline);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new FailedException(Cause.INTERRUPTED, "Ingest is stopping.");
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? e : e.getCause());
        }
    }

    private static FailedException late(Deadline deadline) {
        return new FailedException(
                Cause.TIMEOUT,
                "The registry did not finish its answer within "
                        + deadline.whole().toMillis() + " ms.");
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
