package dev.precast.serving.routes;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.view.StoredManifest;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/** Puts what lies ready onto the wire, past Javalin and the servlet machinery. HEAD is GET without the body. Stateless. */
final class DirectWire {
    static final String ORIGIN = "Precast-Origin";
    static final HttpField VERSION = new PreEncodedHttpField(Wire.VERSION_HEADER, Wire.VERSION);
    static final HttpField NO_SNIFFING = new PreEncodedHttpField("X-Content-Type-Options", "nosniff");

    private static final HttpField RETRY = new PreEncodedHttpField(HttpHeader.RETRY_AFTER, "1");
    private static final HttpField JSON = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json");
    private static final HttpField ERROR_JSON =
            new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, RegistryError.CONTENT_TYPE);
    private static final HttpField OCTETS = new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, MediaTypes.OCTET_STREAM);
    private static final HttpField CONVERTED = new PreEncodedHttpField(ORIGIN, "converted");

    private DirectWire() {}

    /** Whether {@link #send} can send it: whether it needs nobody else. */
    static boolean canSend(Answer answer) {
        return !(answer instanceof Answer.Relay) && !(answer instanceof Answer.Front);
    }

    /** Sends, and completes the exchange. */
    static void send(Exchange exchange, Answer answer) {
        HttpFields.Mutable fields = exchange.response().getHeaders();
        tellCaches(exchange);
        if (answer instanceof Answer.ViewManifest view) {
            manifest(exchange, view.manifest(), fields);
        } else if (answer instanceof Answer.Failure failure) {
            error(exchange, failure.error());
        } else if (answer instanceof Answer.Rejected rejected) {
            rejected.headers().forEach(fields::add);
            error(exchange, rejected.error());
        } else if (answer instanceof Answer.Json json) {
            json.headers().forEach(fields::add);
            exchange.sent(new Exchange.Sent("other", "precast", 200));
            bytes(exchange, 200, JSON, json.body());
        } else if (answer instanceof Answer.NotModified same) {
            identify(same.digest(), fields);
            exchange.sent(new Exchange.Sent("none", "precast", 304));
            finish(exchange, 304, null);
        } else if (answer instanceof Answer.Empty) {
            identify(Digest.EMPTY_LAYER, fields);
            fields.add(CONVERTED);
            exchange.sent(new Exchange.Sent("blob", "converted", 200));
            bytes(exchange, 200, OCTETS, EmptyLayer.content());
        } else {
            exchange.sent(new Exchange.Sent("none", "precast", 200));
            bytes(exchange, 200, JSON, new byte[] {'{', '}'});
        }
    }

    /** Says by what and for whom the answer may be kept, unless the upstream has more to say. */
    static void tellCaches(Exchange exchange) {
        HttpFields.Mutable fields = exchange.response().getHeaders();
        fields.put(CacheRules.vary(exchange.asked().path()));
        if (CacheRules.personal(exchange.asked())) {
            fields.put(CacheRules.FOR_THE_CALLER);
        }
    }

    /** Sends an error of our own, and completes the exchange. */
    static void error(Exchange exchange, RegistryError error) {
        error(exchange, error, "precast");
    }

    /** Sends an error that stands for what somebody else answered, and completes the exchange. */
    static void error(Exchange exchange, RegistryError error, String origin) {
        if (error.passing() || error.status() == 429) {
            exchange.response().getHeaders().put(RETRY);
        }
        exchange.sent(new Exchange.Sent("error", origin, error.status()));
        bytes(exchange, error.status(), ERROR_JSON, error.body());
    }

    private static void manifest(Exchange exchange, StoredManifest manifest, HttpFields.Mutable fields) {
        ReadyManifest ready = manifest.rendered(ReadyManifest.class, ReadyManifest::of);
        ready.fields().forEach(fields::add);
        exchange.sent(ready.sent());
        finish(exchange, 200, manifest.buffer());
        if (!exchange.over()) {
            manifest.holdOn(); // The client is slower than we are.
        }
    }

    private static void bytes(Exchange exchange, int status, HttpField contentType, byte[] content) {
        HttpFields.Mutable fields = exchange.response().getHeaders();
        fields.put(contentType);
        fields.put(HttpHeader.CONTENT_LENGTH, content.length);
        finish(exchange, status, ByteBuffer.wrap(content));
    }

    private static void finish(Exchange exchange, int status, @Nullable ByteBuffer body) {
        exchange.response().setStatus(status);
        exchange.sendLast(body == null || exchange.asked().head() ? BufferUtil.EMPTY_BUFFER : body);
    }

    private static void identify(Digest digest, HttpFields.Mutable fields) {
        fields.add("Docker-Content-Digest", digest.toString());
        fields.add(HttpHeader.ETAG, "\"" + digest + "\"");
    }
}
