package dev.precast.ingest.webhook;

import dev.precast.schemas.image.Limits;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Gathers a request's body before a thread is given to the request, so that a sender who takes its time holds a connection and nothing
 * else. At most one byte more than an event may have is gathered, and nothing of senders without a secret.
 */
final class WholeBody extends Handler.Wrapper {
    private final Predicate<@Nullable String> accepted;

    /** @param accepted whether a sender with this {@code Authorization} may send */
    WholeBody(Predicate<@Nullable String> accepted) {
        this.accepted = accepted;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        boolean wanted = request.getMethod().equals("POST")
                && request.getLength() <= Limits.MAX_EVENT_BYTES
                && accepted.test(request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (!wanted) {
            return super.handle(request, response, callback);
        }
        new Gathering(request, response, callback).run();
        return true;
    }

    private void next(Request request, Response response, Callback callback) {
        try {
            if (!super.handle(request, response, callback)) {
                Response.writeError(request, response, callback, 404);
            }
        } catch (Exception e) {
            Response.writeError(request, response, callback, e);
        }
    }

    /** One body; runs again for every part that arrives, by one thread at a time. */
    private final class Gathering implements Runnable {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final ByteArrayOutputStream body = new ByteArrayOutputStream();

        Gathering(Request request, Response response, Callback callback) {
            this.request = request;
            this.response = response;
            this.callback = callback;
        }

        @Override
        public void run() {
            boolean last = false;
            while (!last && body.size() <= Limits.MAX_EVENT_BYTES) {
                Content.Chunk chunk = request.read();
                if (chunk == null) {
                    request.demand(this);
                    return;
                }
                if (Content.Chunk.isFailure(chunk)) {
                    callback.failed(new EofException(chunk.getFailure())); // Of the quiet kind: it is the sender's.
                    return;
                }
                body.writeBytes(BufferUtil.toArray(chunk.getByteBuffer()));
                last = chunk.isLast();
                chunk.release();
            }
            next(new Gathered(request, body.toByteArray()), response, callback);
        }
    }

    /** The request with its body at hand. */
    private static final class Gathered extends Request.Wrapper {
        private Content.Chunk rest;

        Gathered(Request request, byte[] body) {
            super(request);
            this.rest = Content.Chunk.from(ByteBuffer.wrap(body), true);
        }

        @Override
        public Content.Chunk read() {
            Content.Chunk chunk = rest;
            rest = Content.Chunk.EOF;
            return chunk;
        }

        @Override
        public void demand(Runnable demandCallback) {
            demandCallback.run();
        }
    }
}
