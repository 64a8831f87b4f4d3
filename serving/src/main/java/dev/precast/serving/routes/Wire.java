package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.routes.Exchange.Sent;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Puts answers of the upstream onto the wire, all but blobs: HEAD is GET without the body, every length is known beforehand, and a body of the upstream's that
 * breaks off breaks the connection instead of ending early. Thread-safe.
 */
final class Wire {
    /** The header that old clients look for on {@code /v2/} before anything else. */
    static final String VERSION_HEADER = "Docker-Distribution-Api-Version";

    static final String VERSION = "registry/2.0";

    private static final String ORIGIN = DirectWire.ORIGIN;
    private static final RegistryError REDIRECTED =
            RegistryError.of(502, "UNKNOWN", "the upstream registry redirects where it must not");
    private static final int ERROR_DRAINED = 64 << 10;

    private final Upstream upstream;
    private final FrontDoor frontDoor;
    private final ServingMetrics metrics;

    Wire(Upstream upstream, FrontDoor frontDoor, ServingMetrics metrics) {
        this.upstream = upstream;
        this.frontDoor = frontDoor;
        this.metrics = metrics;
    }

    /** Part of an answer has been sent that cannot be finished: only breaking the connection tells the client. */
    static final class BrokenAnswerException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenAnswerException(UpstreamException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** Sends what the upstream answers. */
    Sent send(ClientRequest request, Answer answer, HttpServletResponse out) throws IOException {
        out.setHeader("Vary", CacheRules.vary(request.path()).getValue());
        tellCaches(request, HeaderLines.NONE, out); // Unless the upstream says more.
        if (answer instanceof Answer.Relay relay) {
            return relay(request, relay, out);
        }
        if (answer instanceof Answer.Front front) {
            return front(request, front, out);
        }
        throw new IllegalArgumentException("Nothing of the upstream's: " + answer.getClass());
    }

    private static Sent sendError(boolean head, RegistryError error, HttpServletResponse out) throws IOException {
        if (error.passing()) {
            out.setHeader("Retry-After", "1");
        }
        sendBytes(head, error.status(), RegistryError.CONTENT_TYPE, error.body(), out);
        return new Sent("error", "precast", error.status());
    }

    private Sent relay(ClientRequest request, Answer.Relay relay, HttpServletResponse out) throws IOException {
        try (UpstreamResponse response = upstream.send(relay.request())) {
            out.setHeader(ORIGIN, "upstream");
            if (response.status() / 100 == 3 && response.status() != 304) {
                // Whoever is sent elsewhere for a manifest or a list is sent to somebody else's.
                metrics.upstreamFailure("redirect");
                return sendError(request.head(), REDIRECTED, out);
            }
            return inItsOwnWords(response) ? handOn(request, response, out) : replace(request, response, out);
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            return sendError(request.head(), UpstreamErrors.of(e), out);
        }
    }

    private Sent front(ClientRequest request, Answer.Front front, HttpServletResponse out) throws IOException {
        Optional<FrontDoor.Remembered> last = frontDoor.recall(front.fingerprint());
        try (UpstreamResponse response = upstream.send(front.request())) {
            if (response.status() >= 500 && last.isPresent()) {
                return again(request, last.get(), out);
            }
            out.setHeader(ORIGIN, "upstream");
            boolean lasting = response.status() == 200 || response.status() == 401;
            if (!lasting || request.head() || !inItsOwnWords(response)) {
                return inItsOwnWords(response) ? handOn(request, response, out) : replace(request, response, out);
            }
            Optional<byte[]> body = response.body().readWhole(FrontDoor.MAX_BODY);
            if (body.isEmpty()) {
                return handOn(request, response, out);
            }
            HeaderLines headers = RelayHeaders.of(response.headers());
            frontDoor.remember(front.fingerprint(), response.status(), headers, body.get());
            return sendRemembered(request, response.status(), headers, body.get(), out);
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            return last.isPresent()
                    ? again(request, last.get(), out)
                    : sendError(request.head(), UpstreamErrors.of(e), out);
        }
    }

    private static Sent again(ClientRequest request, FrontDoor.Remembered last, HttpServletResponse out)
            throws IOException {
        return sendRemembered(request, last.status(), last.headers(), last.body(), out);
    }

    private static Sent sendRemembered(
            ClientRequest request, int status, HeaderLines headers, byte[] body, HttpServletResponse out)
            throws IOException {
        tellCaches(request, headers, out);
        headers.without("content-type")
                .without("content-length")
                .without("cache-control")
                .forEach(out::addHeader);
        sendBytes(request.head(), status, headers.first("content-type").orElse("application/json"), body, out);
        return new Sent("other", "upstream", status);
    }

    private static void tellCaches(ClientRequest request, HeaderLines upstream, HttpServletResponse out) {
        out.setHeader(
                "Cache-Control",
                CacheRules.control(request, upstream.all("cache-control")).orElse(null));
    }

    private static boolean inItsOwnWords(UpstreamResponse response) {
        return response.status() < 400 || RelayHeaders.isJson(response.headers());
    }

    private Sent handOn(ClientRequest request, UpstreamResponse response, HttpServletResponse out) throws IOException {
        out.setStatus(response.status());
        // The next page of referrers may be asked for by whatever its registry likes, which is not sent on.
        HeaderLines headers = request.path() instanceof RegistryPath.Referrers
                ? RelayHeaders.ofBody(response.headers())
                : RelayHeaders.of(response.headers());
        tellCaches(request, headers, out);
        headers.without("content-type").without("cache-control").forEach(out::addHeader);
        contentType(headers.first("content-type").orElse(null), out);
        if (response.status() == 304) {
            out.flushBuffer();
        }
        boolean body = !request.head() && response.status() != 204 && response.status() != 304;
        if (body) {
            try {
                writeBody(request, response, headers, out);
            } catch (UpstreamException e) {
                if (!out.isCommitted()) {
                    out.resetBuffer();
                    RelayHeaders.takeBack(name -> out.setHeader(name, null));
                    tellCaches(request, HeaderLines.NONE, out);
                    throw e; // An error can still be said.
                }
                metrics.upstreamFailure(e.kind());
                throw new BrokenAnswerException(e);
            }
        }
        return new Sent(Formats.of(headers.first("content-type").orElse("")), "upstream", response.status());
    }

    /** A manifest by its digest is checked; signed schema 1 is not, since its digest is of its payload only. */
    private static void writeBody(
            ClientRequest request, UpstreamResponse response, HeaderLines headers, HttpServletResponse out)
            throws IOException {
        boolean signed =
                headers.first("content-type").map(MediaTypes::isSchema1).orElse(false);
        if (response.status() == 200 && request.path() instanceof RegistryPath.ByDigest byDigest && !signed) {
            response.body().writeTo(out.getOutputStream(), byDigest.digest());
        } else {
            response.body().writeTo(out.getOutputStream());
        }
    }

    /** An error that some proxy wrote in its own way, in the registry's. */
    private static Sent replace(ClientRequest request, UpstreamResponse response, HttpServletResponse out)
            throws IOException {
        response.body().drain(ERROR_DRAINED);
        RelayHeaders.ofReplacedError(response.headers()).forEach(out::addHeader);
        Sent sent = sendError(request.head(), UpstreamErrors.of(response.status(), request.path()), out);
        return new Sent(sent.format(), "upstream", sent.status());
    }

    private static void sendBytes(boolean head, int status, String contentType, byte[] content, HttpServletResponse out)
            throws IOException {
        out.setStatus(status);
        contentType(contentType, out);
        out.setContentLength(content.length);
        if (!head) {
            out.getOutputStream().write(content);
        }
    }

    /** As it is: the servlet's own setter writes parameters its own way, and Javalin has set one of its own already. */
    private static void contentType(@Nullable String value, HttpServletResponse out) {
        out.setContentType(null);
        HttpFields.Mutable fields = ServletContextResponse.getServletContextResponse(out)
                .getWrapped()
                .getHeaders();
        if (value == null) {
            fields.remove(HttpHeader.CONTENT_TYPE);
        } else {
            fields.put(HttpHeader.CONTENT_TYPE, value);
        }
    }
}
