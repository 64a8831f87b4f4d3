package dev.precast.serving.upstream;

import java.io.EOFException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Asks for bodies that may be large, without holding a thread or more than a piece of each. The JDK's client reads ahead of what is
 * asked for, and was seen to keep 1.4 MB for every client that reads nothing. Follows, decodes, and remembers nothing. Threads are
 * started by the first question. Thread-safe.
 */
final class StreamClient implements AutoCloseable {
    private static final int THREADS = 16;
    private static final int LOOKUP_THREADS = 4;
    /** What bounds them is how many blobs serving answers at once. */
    private static final int CONNECTIONS = 10_000;

    private static final Duration KEPT = Duration.ofSeconds(20);

    private final Duration connectTimeout;
    private @Nullable HttpClient client;

    StreamClient(Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    /**
     * Completes with the headers; the body is for one subscriber.
     *
     * @param patience for the headers
     * @param publicOnly whether it fails, with {@link CheckedAddresses.NotPublicException}, where the host has another address
     */
    CompletableFuture<UpstreamStream> ask(
            URI url, boolean head, HeaderLines headers, Duration patience, boolean publicOnly) {
        CompletableFuture<UpstreamStream> answer = new CompletableFuture<>();
        send(new Question(url, head, headers, patience, publicOnly), answer, true);
        return answer;
    }

    private record Question(URI url, boolean head, HeaderLines headers, Duration patience, boolean publicOnly) {}

    private void send(Question question, CompletableFuture<UpstreamStream> answer, boolean again) {
        HttpClient asking = started();
        Request request = asking.newRequest(question.url())
                .method(question.head() ? "HEAD" : "GET")
                .tag(question.publicOnly() ? CheckedAddresses.PUBLIC_ONLY : null)
                .idleTimeout(0, TimeUnit.MILLISECONDS) // Whoever takes the body watches it.
                .headers(fields -> question.headers().forEach(fields::add));
        Runnable giveUp = () -> {
            var unused = request.abort(new TimeoutException("no headers in time"));
        };
        Scheduler.Task late =
                asking.getScheduler().schedule(giveUp, question.patience().toMillis(), TimeUnit.MILLISECONDS);
        request.onResponseContentSource((response, source) -> {
                    late.cancel();
                    if (!answer.complete(stream(question.url(), response, source))) {
                        var unused = response.abort(new TimeoutException("too late"));
                    }
                })
                .send(result -> {
                    late.cancel();
                    if (again && !answer.isDone() && result.getFailure() instanceof EOFException) {
                        send(question, answer, false); // Closed by the upstream just when we used it once more.
                    } else {
                        end(question.url(), result, answer);
                    }
                });
    }

    private static void end(URI url, Result result, CompletableFuture<UpstreamStream> answer) {
        if (answer.isDone()) {
            return;
        }
        Throwable failure = result.getFailure();
        if (failure == null) {
            answer.complete(stream(url, result.getResponse(), Content.Source.from()));
        } else {
            answer.completeExceptionally(failure);
        }
    }

    private static UpstreamStream stream(URI url, Response response, Content.Source source) {
        return new UpstreamStream(
                url, response.getStatus(), lines(response.getHeaders()), new DemandedBody(response, source));
    }

    private static HeaderLines lines(HttpFields fields) {
        Map<String, List<String>> lines = new LinkedHashMap<>();
        fields.forEach(field -> lines.computeIfAbsent(field.getLowerCaseName(), name -> new ArrayList<>(1))
                .add(field.getValue() == null ? "" : field.getValue()));
        return HeaderLines.of(lines);
    }

    private synchronized HttpClient started() {
        HttpClient present = client;
        if (present != null) {
            return present;
        }
        try {
            HttpClient fresh = make();
            fresh.start();
            // Only now they are there: no redirects, and challenges are for whoever asked.
            fresh.getProtocolHandlers().clear();
            fresh.getContentDecoderFactories().clear();
            client = fresh;
            return fresh;
        } catch (Exception e) {
            throw new IllegalStateException("Cannot start asking the upstream: " + e, e);
        }
    }

    private HttpClient make() throws NoSuchAlgorithmException {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
        threads.setName("precast-upstream");
        threads.setDaemon(true);
        SslContextFactory.Client tls = new SslContextFactory.Client();
        tls.setSslContext(SSLContext.getDefault());
        ClientConnector connector = new ClientConnector();
        connector.setSelectors(1);
        connector.setExecutor(threads);
        connector.setSslContextFactory(tls);
        connector.setConnectTimeout(connectTimeout);
        HttpClient fresh = new HttpClient(new HttpClientTransportOverHTTP(connector));
        fresh.setExecutor(threads);
        // A thread of Jetty's that has handed on a response clears the buffer that it read it from once more when the
        // exchange was aborted meanwhile; by then a pool has given that buffer to another connection (jetty.project
        // issue 12934). So no buffer is used twice: what one client is sent can never be what another one asked for.
        // And they lie on the heap: direct memory that no pool takes back is freed by full collections only.
        fresh.setByteBufferPool(new ByteBufferPool.NonPooling());
        fresh.setUseInputDirectByteBuffers(false);
        fresh.setUseOutputDirectByteBuffers(false);
        fresh.setFollowRedirects(false);
        fresh.setUserAgentField(null);
        fresh.setHttpCookieStore(new HttpCookieStore.Empty());
        fresh.setMaxConnectionsPerDestination(CONNECTIONS);
        fresh.setMaxRequestsQueuedPerDestination(CONNECTIONS);
        // Looking a name up may take long, and the threads above carry all bodies.
        QueuedThreadPool lookups = new QueuedThreadPool(LOOKUP_THREADS, 0);
        lookups.setName("precast-upstream-names");
        lookups.setDaemon(true);
        Scheduler scheduler = new ScheduledExecutorScheduler("precast-upstream-timer", true);
        fresh.setScheduler(scheduler);
        fresh.addBean(lookups);
        fresh.setSocketAddressResolver(
                new CheckedAddresses(new SocketAddressResolver.Async(lookups, scheduler, connectTimeout.toMillis())));
        fresh.setIdleTimeout(KEPT.toMillis());
        return fresh;
    }

    /** Whether the upstream kept us waiting, rather than not being there. */
    static boolean isTimeout(Throwable failure) {
        return failure instanceof TimeoutException || failure instanceof SocketTimeoutException;
    }

    @Override
    public synchronized void close() {
        HttpClient present = client;
        client = null;
        if (present != null) {
            try {
                present.stop();
            } catch (Exception e) {
                throw new IllegalStateException("Cannot stop asking the upstream: " + e, e);
            }
        }
    }
}
