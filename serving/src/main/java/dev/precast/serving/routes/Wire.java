package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.upstream.Upstream;
import dev.precast.serving.upstream.UpstreamException;
import dev.precast.serving.upstream.UpstreamResponse;
import dev.precast.serving.view.StoredManifest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.ServletContextResponse;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Puts answers onto the wire: HEAD is GET without the body, every length is known beforehand, and a body of the upstream's that
 * breaks off breaks the connection instead of ending early. Thread-safe.
 */
final class Wire {
    /** The header that old clients look for on {@code /v2/} before anything else. */
    static final String VERSION_HEADER = "Docker-Distribution-Api-Version";

    static final String VERSION = "registry/2.0";

    private static final String ORIGIN = "Precast-Origin";
    private static final int ERROR_DRAINED = 64 << 10;

    private final Upstream upstream;
    private final FrontDoor frontDoor;
    private final ServingMetrics metrics;

    Wire(Upstream upstream, FrontDoor frontDoor, ServingMetrics metrics) {
        this.upstream = upstream;
        this.frontDoor = frontDoor;
        this.metrics = metrics;
    }

    /** What was sent, for the metrics. */
    record Sent(String format, String origin, int status) {}

    /** Part of an answer has been sent that cannot be finished: only breaking the connection tells the client. */
    static final class BrokenAnswerException extends IOException {
        private static final long serialVersionUID = 1L;

        BrokenAnswerException(UpstreamException cause) {
            super(cause.getMessage(), cause);
        }
    }

    Sent send(ClientRequest request, Answer answer, HttpServletResponse out) throws IOException {
        boolean manifest =
                request.path() instanceof RegistryPath.ByTag || request.path() instanceof RegistryPath.ByDigest;
        if (manifest) {
            out.setHeader("Vary", "Accept");
        }
        if (answer instanceof Answer.ViewManifest view) {
            return sendManifest(request, view.manifest(), out);
        }
        if (answer instanceof Answer.Relay relay) {
            return relay(request, relay, out);
        }
        if (answer instanceof Answer.Front front) {
            return front(request, front, out);
        }
        if (answer instanceof Answer.Failure failure) {
            return sendError(request.head(), failure.error(), out);
        }
        if (answer instanceof Answer.NotModified same) {
            out.setStatus(304);
            contentType(null, out);
            identify(same.digest(), out);
            out.flushBuffer(); // Else Jetty adds a Content-Length of 0, which is not the representation's.
            return new Sent("none", "precast", 304);
        }
        if (answer instanceof Answer.Empty) {
            identify(Digest.EMPTY_LAYER, out);
            out.setHeader(ORIGIN, "converted");
            sendBytes(request.head(), 200, MediaTypes.OCTET_STREAM, EmptyLayer.content(), out);
            return new Sent("blob", "converted", 200);
        }
        sendBytes(request.head(), 200, "application/json", new byte[] {'{', '}'}, out);
        return new Sent("none", "precast", 200);
    }

    static Sent sendError(boolean head, RegistryError error, HttpServletResponse out) throws IOException {
        if (error.passing()) {
            out.setHeader("Retry-After", "1");
        }
        sendBytes(head, error.status(), RegistryError.CONTENT_TYPE, error.body(), out);
        return new Sent("error", "precast", error.status());
    }

    private static Sent sendManifest(ClientRequest request, StoredManifest manifest, HttpServletResponse out)
            throws IOException {
        Digest from = manifest.from();
        String origin = from == null ? "stored" : "converted";
        out.setStatus(200);
        identify(manifest.digest(), out);
        out.setHeader(ORIGIN, from == null ? origin : origin + "; from=" + from);
        contentType(manifest.mediaType(), out);
        out.setContentLength(manifest.length());
        if (!request.head()) {
            manifest.writeTo(out.getOutputStream());
        }
        return new Sent(format(manifest.mediaType()), origin, 200);
    }

    private Sent relay(ClientRequest request, Answer.Relay relay, HttpServletResponse out) throws IOException {
        try (UpstreamResponse response = upstream.send(relay.request())) {
            out.setHeader(ORIGIN, "upstream");
            return inItsOwnWords(response) ? handOn(request, response, out) : replace(request, response, out);
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            return sendError(request.head(), failure(e), out);
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
            HeaderLines headers = RelayHeaders.of(response, upstream);
            byte[] body = response.body().readAll(FrontDoor.MAX_BODY);
            frontDoor.remember(front.fingerprint(), response.status(), headers, body);
            return sendRemembered(request, response.status(), headers, body, out);
        } catch (UpstreamException e) {
            metrics.upstreamFailure(e.kind());
            return last.isPresent() ? again(request, last.get(), out) : sendError(request.head(), failure(e), out);
        }
    }

    private static Sent again(ClientRequest request, FrontDoor.Remembered last, HttpServletResponse out)
            throws IOException {
        return sendRemembered(request, last.status(), last.headers(), last.body(), out);
    }

    private static Sent sendRemembered(
            ClientRequest request, int status, HeaderLines headers, byte[] body, HttpServletResponse out)
            throws IOException {
        headers.without("content-type").without("content-length").forEach(out::addHeader);
        sendBytes(request.head(), status, headers.first("content-type").orElse("application/json"), body, out);
        return new Sent("other", "upstream", status);
    }

    /** Errors in any other form than JSON were written by some proxy on the way. */
    private static boolean inItsOwnWords(UpstreamResponse response) {
        return response.status() < 400
                || response.headers().first("content-type").orElse("").contains("json");
    }

    private Sent handOn(ClientRequest request, UpstreamResponse response, HttpServletResponse out) throws IOException {
        out.setStatus(response.status());
        HeaderLines headers = RelayHeaders.of(response, upstream);
        headers.without("content-type").forEach(out::addHeader);
        contentType(headers.first("content-type").orElse(null), out);
        if (response.status() == 304) {
            out.flushBuffer();
        }
        boolean body = !request.head() && response.status() != 204 && response.status() != 304;
        if (body) {
            try {
                response.body().writeTo(out.getOutputStream());
            } catch (UpstreamException e) {
                metrics.upstreamFailure(e.kind());
                throw new BrokenAnswerException(e);
            }
        }
        return new Sent(format(headers.first("content-type").orElse("")), "upstream", response.status());
    }

    /** An error that some proxy wrote in its own way, in the registry's. */
    private static Sent replace(ClientRequest request, UpstreamResponse response, HttpServletResponse out)
            throws IOException {
        response.body().drain(ERROR_DRAINED);
        RelayHeaders.ofReplacedError(response).forEach(out::addHeader);
        Sent sent = sendError(request.head(), UpstreamErrors.of(response.status(), request.path()), out);
        return new Sent(sent.format(), "upstream", sent.status());
    }

    private static RegistryError failure(UpstreamException e) {
        return switch (e.kind()) {
            case "timeout" -> RegistryError.of(504, "UNKNOWN", "the upstream registry did not answer in time");
            case "unreachable" -> RegistryError.of(503, "UNAVAILABLE", "the upstream registry cannot be reached");
            case "refused" -> RegistryError.of(400, "UNSUPPORTED", "the request holds a header that cannot be sent on");
            default -> RegistryError.of(502, "UNKNOWN", "the upstream registry broke off its answer");
        };
    }

    private static void identify(Digest digest, HttpServletResponse out) {
        out.setHeader("Docker-Content-Digest", digest.toString());
        out.setHeader("ETag", "\"" + digest + "\"");
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

    private static String format(String contentType) {
        return switch (MediaTypes.withoutParameters(contentType)) {
            case MediaTypes.SCHEMA1, MediaTypes.SCHEMA1_SIGNED -> "schema1";
            case MediaTypes.SCHEMA2 -> "schema2";
            case MediaTypes.MANIFEST_LIST -> "list";
            case MediaTypes.OCI_MANIFEST -> "oci-manifest";
            case MediaTypes.OCI_INDEX -> "oci-index";
            case MediaTypes.OCTET_STREAM -> "blob";
            default -> "other";
        };
    }
}
