package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty's own errors (bad requests, too long headers) in the registry's form, without a word of what went wrong inside; counted and
 * logged here unless {@link FrontHandler} has seen the request.
 */
final class JsonErrors extends ErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(JsonErrors.class);

    private final Exchange.Recorder recorder;

    JsonErrors(Exchange.Recorder recorder) {
        this.recorder = recorder;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        RegistryError error = error(response.getStatus());
        byte[] body = error.body();
        response.setStatus(error.status());
        fill(response.getHeaders(), body.length);
        boolean head = "HEAD".equals(request.getMethod());
        if (request.getAttribute(Exchange.ATTRIBUTE) == null) {
            recorder.unread(request, error.status(), head ? 0 : body.length);
        }
        ByteBuffer content = head ? BufferUtil.EMPTY_BUFFER : ByteBuffer.wrap(body);
        LastWrite.send(request, response, content, Callback.from(() -> complete(callback), callback::failed));
        return true;
    }

    /** Where this comes late, Jetty has ended the request by itself, and the client has its answer: see {@link LastWrite}. */
    private static void complete(Callback callback) {
        try {
            callback.succeeded();
        } catch (IllegalStateException e) {
            LOG.debug("A refused request was over before its answer was: {}", e.toString());
        }
    }

    private static void fill(HttpFields.Mutable fields, int length) {
        fields.put(HttpHeader.CONTENT_TYPE, RegistryError.CONTENT_TYPE);
        fields.put(HttpHeader.CONTENT_LENGTH, length);
        fields.put(new HttpField(Wire.VERSION_HEADER, Wire.VERSION));
    }

    private static RegistryError error(int status) {
        return switch (status) {
            // A version that nobody speaks is the client's fault, and no reason to come again.
            case 400, 505 -> RegistryError.of(400, "UNSUPPORTED", "the request is not valid HTTP");
            case 404 -> RegistryError.of(status, "UNSUPPORTED", "no such path; the registry is below /v2/");
            case 405 -> RegistryError.of(status, "UNSUPPORTED", "The operation is unsupported.");
            case 414 -> RegistryError.of(status, "UNSUPPORTED", "the request path is too long");
            case 431 -> RegistryError.of(status, "UNSUPPORTED", "the request headers are too long");
            default ->
                status >= 400 && status < 500
                        ? RegistryError.of(status, "UNSUPPORTED", "the request is not accepted")
                        : RegistryError.of(status >= 500 ? status : 500, "UNKNOWN", "internal error");
        };
    }
}
