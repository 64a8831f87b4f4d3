package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.BodyCheck;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Redirects;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamRequest;
import dev.precast.serving.upstream.UpstreamStream;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * Blobs from the upstream, or from where it says they lie. Holds no thread: a client that takes its time costs a connection and
 * a piece or two of a body. Thread-safe.
 */
final class BlobRelay {
    private static final int MAX_HOPS = 3;

    private final Upstream upstream;
    private final Redirects redirects;
    private final Transfers transfers;
    private final ServingMetrics metrics;

    BlobRelay(Upstream upstream, Redirects redirects, Transfers transfers, ServingMetrics metrics) {
        this.upstream = upstream;
        this.redirects = redirects;
        this.transfers = transfers;
        this.metrics = metrics;
    }

    /** Asks the upstream and hands on what it answers; completes the exchange, now or later. */
    void start(Exchange exchange, UpstreamRequest ask, Digest digest) {
        DirectWire.tellCaches(exchange);
        // The upstream has a timeout of its own, and whoever waits for it is not idle.
        exchange.request().addIdleTimeoutListener(timeout -> transfers.idleMatters(exchange));
        receive(exchange, ask, digest, upstream.ask(ask), 0);
    }

    private void receive(
            Exchange exchange, UpstreamRequest ask, Digest digest, CompletableFuture<UpstreamStream> coming, int hop) {
        transfers.waiting(exchange);
        var unused = coming.whenComplete((stream, failure) -> {
            transfers.arrived(exchange);
            try {
                if (failure != null) {
                    fail(exchange, failure instanceof CompletionException e ? e.getCause() : failure);
                } else if (stream.redirect()) {
                    redirect(exchange, ask, digest, stream, hop);
                } else {
                    handOn(exchange, ask, digest, stream, hop > 0);
                }
            } catch (RuntimeException | Error e) { // Nobody else hears of it, and its place has to be given back.
                exchange.failed(e);
            }
        });
    }

    private void redirect(Exchange exchange, UpstreamRequest ask, Digest digest, UpstreamStream stream, int hop) {
        stream.drop();
        Optional<URI> target =
                stream.headers().first("location").flatMap(location -> redirects.target(stream.from(), location));
        if (target.isEmpty() || hop == MAX_HOPS) {
            metrics.upstreamFailure("redirect");
            DirectWire.error(
                    exchange,
                    RegistryError.of(502, "UNKNOWN", "the upstream registry redirects to where nobody may go"));
        } else if (redirects.follow()) {
            if (redirects.sameOrigin(target.get())) {
                receive(exchange, ask, digest, upstream.askItself(target.get(), ask), hop + 1);
            } else {
                UpstreamRequest next = withoutCredentials(ask);
                receive(
                        exchange,
                        next,
                        digest,
                        upstream.ask(target.get(), next, redirects.publicOnly(target.get())),
                        hop + 1);
            }
        } else {
            HttpFields.Mutable fields = exchange.response().getHeaders();
            origin(fields);
            fields.put(HttpHeader.LOCATION, target.get().toASCIIString());
            empty(exchange, stream.status(), "none");
        }
    }

    private void handOn(
            Exchange exchange, UpstreamRequest ask, Digest digest, UpstreamStream stream, boolean elsewhere) {
        origin(exchange.response().getHeaders());
        int status = stream.status();
        if (!Upstream.isIdentity(stream.headers())) {
            stream.drop();
            fail(
                    exchange,
                    new UpstreamException("broken", "The upstream sent what nobody asked for", new IOException()));
        } else if (status >= 400 && (elsewhere || !RelayHeaders.isJson(stream.headers()))) {
            stream.drop();
            HeaderLines kept = RelayHeaders.ofReplacedError(stream.headers());
            // What a store wants to know is nothing that the client should answer.
            (elsewhere ? kept.without("www-authenticate") : kept)
                    .forEach(exchange.response().getHeaders()::add);
            DirectWire.error(
                    exchange,
                    UpstreamErrors.of(
                            status(status, elsewhere), exchange.asked().path()),
                    "upstream");
        } else if (exchange.asked().head() || status == 204 || status == 304) {
            stream.drop();
            copyHeaders(exchange, stream.headers());
            empty(exchange, status, "blob");
        } else if (status == 200 && stream.headers().first("content-length").isEmpty()) {
            withItsLength(exchange, ask, digest, stream);
        } else {
            stream(exchange, digest, stream);
        }
    }

    /** Docker before 1.10 cannot read a blob whose length it is not told; an upstream may say it to a HEAD only. */
    private void withItsLength(Exchange exchange, UpstreamRequest ask, Digest digest, UpstreamStream stream) {
        UpstreamRequest head =
                new UpstreamRequest(true, ask.target(), ask.headers().without("range"), ask.purpose());
        transfers.waiting(exchange);
        var unused = upstream.ask(head).whenComplete((answer, failure) -> {
            transfers.arrived(exchange);
            try {
                if (failure == null) {
                    answer.drop();
                    Optional<String> length = answer.headers().first("content-length");
                    if (answer.status() == 200 && length.isPresent()) {
                        exchange.response().getHeaders().put(HttpHeader.CONTENT_LENGTH, length.get());
                    }
                }
                stream(exchange, digest, stream);
            } catch (RuntimeException | Error e) { // Nobody else hears of it, and its place has to be given back.
                exchange.failed(e);
            }
        });
    }

    private void stream(Exchange exchange, Digest digest, UpstreamStream stream) {
        int status = stream.status();
        copyHeaders(exchange, stream.headers());
        exchange.response().setStatus(status);
        exchange.sent(new Exchange.Sent(status < 400 ? "blob" : "error", "upstream", status));
        @Nullable BodyCheck check = status == 200 ? new BodyCheck(digest) : null;
        stream.body()
                .subscribe(
                        transfers.add(exchange, check, length(stream.headers()), failure -> fail(exchange, failure)));
    }

    private static long length(HeaderLines headers) {
        try {
            return headers.first("content-length").map(Long::parseLong).orElse(-1L);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** What a store's refusal means to the client: that it cannot be had there, unless it is about the client's own range. */
    private static int status(int status, boolean elsewhere) {
        return switch (status) {
            case 404, 416, 429, 503 -> status;
            default -> elsewhere ? 502 : status;
        };
    }

    private void fail(Exchange exchange, @Nullable Throwable failure) {
        UpstreamException known = failure instanceof UpstreamException e
                ? e
                : new UpstreamException("broken", "The upstream broke off its answer", new IOException(failure));
        metrics.upstreamFailure(known.kind());
        if (exchange.response().isCommitted()) {
            exchange.sent(Exchange.Sent.BROKEN);
            exchange.failed(known);
        } else {
            RelayHeaders.takeBack(exchange.response().getHeaders()::remove);
            DirectWire.tellCaches(exchange);
            DirectWire.error(exchange, UpstreamErrors.of(known));
        }
    }

    private static void copyHeaders(Exchange exchange, HeaderLines headers) {
        HttpFields.Mutable fields = exchange.response().getHeaders();
        RelayHeaders.ofBody(headers).without("cache-control").forEach(fields::add);
        CacheRules.control(exchange.asked(), headers.all("cache-control"))
                .ifPresent(control -> fields.put(HttpHeader.CACHE_CONTROL, control));
    }

    private static void empty(Exchange exchange, int status, String format) {
        Response response = exchange.response();
        response.setStatus(status);
        exchange.sent(new Exchange.Sent(format, "upstream", status));
        exchange.sendLast(BufferUtil.EMPTY_BUFFER);
    }

    private static void origin(HttpFields.Mutable fields) {
        fields.put(DirectWire.ORIGIN, "upstream");
    }

    private static UpstreamRequest withoutCredentials(UpstreamRequest ask) {
        return ask.with(ask.headers().without("authorization"));
    }
}
