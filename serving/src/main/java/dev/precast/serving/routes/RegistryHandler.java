package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.upstream.HeaderLines;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every request there is, whatever its path and method: Javalin's own routing would decode paths before anyone checks them. */
final class RegistryHandler implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryHandler.class);
    private static final RegistryError READ_ONLY =
            RegistryError.of(405, "UNSUPPORTED", "The operation is unsupported.");
    private static final RegistryError NO_BODY =
            RegistryError.of(400, "UNSUPPORTED", "a GET or HEAD with a body is not accepted");
    private static final RegistryError TWO_CREDENTIALS =
            RegistryError.of(400, "UNAUTHORIZED", "more than one Authorization header");

    private final Answers answers;
    private final Wire wire;
    private final ServingMetrics metrics;

    RegistryHandler(Answers answers, Wire wire, ServingMetrics metrics) {
        this.answers = answers;
        this.wire = wire;
        this.metrics = metrics;
    }

    @Override
    public void handle(Context context) throws IOException {
        long start = System.nanoTime();
        context.skipRemainingHandlers();
        context.res().setHeader(Wire.VERSION_HEADER, Wire.VERSION);
        context.res().setHeader("X-Content-Type-Options", "nosniff");
        ClientRequest request = read(context.req());
        Wire.Sent sent = null;
        try {
            RegistryError error = unacceptable(context);
            sent = error != null
                    ? Wire.sendError(request.head(), error, context.res())
                    : wire.send(request, counted(answers.to(request)), context.res());
        } catch (Wire.BrokenAnswerException e) {
            LOG.warn("Broke a client's connection: {}", e.getMessage());
            breakConnection(context.req());
        } finally {
            long taken = System.nanoTime() - start;
            String userAgent = context.req().getHeader("User-Agent");
            Wire.Sent counted = sent == null ? new Wire.Sent("none", "broken", 0) : sent;
            metrics.request(
                    userAgent, route(request.path()), counted.format(), counted.origin(), counted.status(), taken);
        }
    }

    private Answer counted(Answer answer) {
        String reason =
                answer instanceof Answer.Failure failure ? failure.error().reason() : null;
        if (reason != null) {
            metrics.refused(reason);
        }
        return answer;
    }

    private static @org.jspecify.annotations.Nullable RegistryError unacceptable(Context context) {
        HttpServletRequest request = context.req();
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            context.res().setHeader("Allow", "GET, HEAD");
            return READ_ONLY;
        }
        if (request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null) {
            context.res().setHeader("Connection", "close");
            return NO_BODY;
        }
        List<String> credentials = Collections.list(request.getHeaders("Authorization"));
        return credentials.size() > 1 ? TWO_CREDENTIALS : null;
    }

    private static ClientRequest read(HttpServletRequest request) {
        Map<String, List<String>> lines = new LinkedHashMap<>();
        for (String name : UpstreamRequests.READ) {
            // Not Javalin's header(): it knows one line per name, and clients send one Accept line per type.
            List<String> values = Collections.list(request.getHeaders(name));
            if (!values.isEmpty()) {
                lines.put(name, values);
            }
        }
        return new ClientRequest(
                request.getMethod().equals("HEAD"),
                RegistryPath.parse(rawPath(request)),
                request.getQueryString(),
                HeaderLines.of(lines));
    }

    /** The only way to tell a client that a body without a known length is not whole. */
    private static void breakConnection(HttpServletRequest request) {
        ServletContextRequest.getServletContextRequest(request)
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }

    /** With a fragment, which nobody sends who knows HTTP, it is no path at all. */
    private static String rawPath(HttpServletRequest request) {
        String fragment = ServletContextRequest.getServletContextRequest(request)
                .getHttpURI()
                .getFragment();
        return request.getRequestURI() + (fragment == null ? "" : "#");
    }

    private static String route(RegistryPath path) {
        if (path instanceof RegistryPath.ByTag) {
            return "manifest-by-tag";
        }
        if (path instanceof RegistryPath.ByDigest) {
            return "manifest-by-digest";
        }
        if (path instanceof RegistryPath.BlobPath) {
            return "blob";
        }
        if (path instanceof RegistryPath.Tags) {
            return "tags";
        }
        if (path instanceof RegistryPath.Catalog) {
            return "catalog";
        }
        return path instanceof RegistryPath.Ping ? "ping" : "invalid";
    }
}
