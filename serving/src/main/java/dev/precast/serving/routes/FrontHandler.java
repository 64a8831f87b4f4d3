package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.serving.server.Admission;
import dev.precast.serving.upstream.HeaderLines;
import dev.precast.serving.view.Recalled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every request there is, ahead of Javalin: refuses what is no request for a registry, lets in as many as there is room for, asks
 * {@link Answers}, and sends at once what lies ready. Blobs of the upstream go to {@link BlobRelay}; what else has to be asked of
 * it goes on to Javalin, as an {@link Exchange} that is decided.
 *
 * <p>What lies in memory is answered by the thread that reads requests, and everything that may wait by another: handing a
 * request from thread to thread takes as long as answering it.
 */
final class FrontHandler extends Handler.Wrapper {
    private static final Logger LOG = LoggerFactory.getLogger(FrontHandler.class);
    private static final int MAX_HEADERS = 100;
    private static final int MAX_URI = 8 << 10;

    private static final RegistryError READ_ONLY =
            RegistryError.of(405, "UNSUPPORTED", "The operation is unsupported.");
    private static final RegistryError NO_BODY =
            RegistryError.of(400, "UNSUPPORTED", "a GET or HEAD with a body is not accepted");
    private static final RegistryError TWO_CREDENTIALS =
            RegistryError.of(400, "UNAUTHORIZED", "more than one Authorization header");
    private static final RegistryError LONG_URI = RegistryError.of(414, "UNSUPPORTED", "the request path is too long");
    private static final RegistryError MANY_HEADERS =
            RegistryError.of(431, "UNSUPPORTED", "the request has too many headers");
    private static final RegistryError BUSY =
            RegistryError.of(429, "TOOMANYREQUESTS", "too many requests at once, please try again");
    private static final RegistryError BROKEN = RegistryError.of(500, "UNKNOWN", "internal error");

    private final Answers answers;
    private final BlobRelay blobs;
    private final Admission admission;
    private final Exchange.Recorder recorder;
    private volatile boolean draining;

    FrontHandler(Answers answers, BlobRelay blobs, Admission admission, Exchange.Recorder recorder) {
        this.answers = answers;
        this.blobs = blobs;
        this.admission = admission;
        this.recorder = recorder;
    }

    /** What may wait is handed to another thread, see {@link #handle}. */
    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }

    /** From now on every answer ends its connection. */
    void drain() {
        draining = true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        long start = System.nanoTime();
        HttpFields.Mutable fields = response.getHeaders();
        fields.add(DirectWire.VERSION);
        fields.add(DirectWire.NO_SNIFFING);
        if (draining) {
            fields.put(HttpHeader.CONNECTION, "close");
        }
        ClientRequest asked = read(request);
        RegistryError refusal = unacceptable(request, response);
        Admission.@Nullable Kind kind = refusal == null ? kind(asked.path()) : null;
        if (refusal == null && kind != null && !admission.enter(kind)) {
            refusal = BUSY;
            kind = null;
        }
        Admission.@Nullable Kind entered = kind;
        @Nullable Runnable leave = entered == null ? null : () -> admission.leave(entered);
        Answers.Glance glance = refusal != null ? new Answers.Glance(new Answer.Failure(refusal), null) : atOnce(asked);
        Answer ready = glance.answer();
        if (ready != null) {
            send(new Exchange(request, response, callback, asked, ready, recorder, start, leave), ready);
            return true;
        }
        LastWrite.elsewhere(request.getComponents().getExecutor(), () -> {
            Answer answer = decide(asked, glance.recalled());
            send(new Exchange(request, response, callback, asked, answer, recorder, start, leave), answer);
        });
        return true;
    }

    /** The answer that needs nobody and nothing to wait for, if there is one. */
    private Answers.Glance atOnce(ClientRequest asked) {
        try {
            return answers.atOnce(asked);
        } catch (RuntimeException | Error e) {
            return Answers.Glance.NOTHING; // What it was is said when the request is decided in the ordinary way.
        }
    }

    private Answer decide(ClientRequest asked, @Nullable Recalled recalled) {
        try {
            Answer answer = answers.to(asked, recalled);
            String reason =
                    answer instanceof Answer.Failure failure ? failure.error().reason() : null;
            if (reason != null) {
                recorder.metrics().refused(reason);
            }
            return answer;
        } catch (RuntimeException | Error e) { // Whatever it was: the place that it took has to be given back.
            LOG.error("Cannot answer a request: unexpected {}", e.toString(), e);
            return new Answer.Failure(BROKEN);
        }
    }

    private void send(Exchange exchange, Answer answer) {
        try {
            if (DirectWire.canSend(answer)) {
                DirectWire.send(exchange, answer);
            } else if (answer instanceof Answer.Relay relay
                    && exchange.asked().path() instanceof RegistryPath.BlobPath blob) {
                blobs.start(exchange, relay.request(), blob.digest());
            } else {
                exchange.request().setAttribute(Exchange.ATTRIBUTE, exchange);
                super.handle(exchange.request(), exchange.response(), exchange);
            }
        } catch (Exception | Error e) {
            LOG.error("Cannot answer a request: unexpected {}", e.toString(), e);
            exchange.failed(e);
        }
    }

    private static @Nullable RegistryError unacceptable(Request request, Response response) {
        HttpFields headers = request.getHeaders();
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            // What follows a CONNECT or a body is no request, and Jetty would go on reading after a CONNECT.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            return READ_ONLY;
        }
        if (headers.size() > MAX_HEADERS) {
            return MANY_HEADERS;
        }
        String target = request.getHttpURI().getPathQuery();
        if (target != null && target.length() > MAX_URI) {
            return LONG_URI;
        }
        int credentials = 0;
        for (HttpField field : headers) {
            HttpHeader header = field.getHeader();
            boolean length = header == HttpHeader.CONTENT_LENGTH && !"0".equals(field.getValue());
            if (length || header == HttpHeader.TRANSFER_ENCODING) {
                response.getHeaders().put(HttpHeader.CONNECTION, "close");
                return NO_BODY;
            }
            if (header == HttpHeader.AUTHORIZATION && ++credentials > 1) {
                return TWO_CREDENTIALS;
            }
        }
        return null;
    }

    /** Only the lines that matter to us or the upstream; every line of a name, for clients send one Accept line per type. */
    private static ClientRequest read(Request request) {
        Map<String, List<String>> lines = null;
        for (HttpField field : request.getHeaders()) {
            String name = field.getLowerCaseName();
            if (UpstreamRequests.READ.contains(name)) {
                lines = lines == null ? new LinkedHashMap<>() : lines;
                lines.computeIfAbsent(name, n -> new ArrayList<>(1))
                        .add(field.getValue() == null ? "" : field.getValue());
            }
        }
        return new ClientRequest(
                request.getMethod().equals("HEAD"),
                RegistryPath.parse(rawPath(request)),
                request.getHttpURI().getQuery(),
                lines == null ? HeaderLines.NONE : HeaderLines.of(lines));
    }

    /** With a fragment, which nobody sends who knows HTTP, it is no path at all. */
    private static String rawPath(Request request) {
        String path = request.getHttpURI().getPath();
        String fragment = request.getHttpURI().getFragment();
        return fragment == null ? (path == null ? "" : path) : path + "#";
    }

    /** Absent for paths that are refused without a look at anything. */
    private static Admission.@Nullable Kind kind(RegistryPath path) {
        if (path instanceof RegistryPath.ByTag || path instanceof RegistryPath.ByDigest) {
            return Admission.Kind.MANIFEST;
        }
        if (path instanceof RegistryPath.BlobPath) {
            return Admission.Kind.BLOB;
        }
        if (path instanceof RegistryPath.Invalid) {
            return null;
        }
        return path instanceof RegistryPath.Ping ? Admission.Kind.AUTH : Admission.Kind.LIST;
    }
}
