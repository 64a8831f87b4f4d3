package dev.precast.serving.routes;

import dev.precast.serving.metrics.ServingMetrics;
import dev.precast.serving.server.AccessLog;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One request from its first look to its last byte: holds its place in the admission, and is counted and logged once when it is
 * over, whoever answers it. Completed by one thread, read by several.
 */
final class Exchange implements Callback {
    /** Under which Jetty's request carries it to Javalin, and to whoever answers after a failure. */
    static final String ATTRIBUTE = Exchange.class.getName();

    private final Request request;
    private final Response response;
    private final Callback callback;
    private final ClientRequest asked;
    private final Answer answer;
    private final Recorder recorder;
    private final long start;
    private final @Nullable Runnable leave;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile Sent sent = Sent.BROKEN;

    /** What was sent, for people and machines. */
    record Sent(String format, String origin, int status) {
        static final Sent BROKEN = new Sent("none", "broken", 0);
    }

    /**
     * Where exchanges are counted and written down.
     *
     * @param transfers told of answers that their clients keep waiting
     */
    record Recorder(ServingMetrics metrics, @Nullable AccessLog accessLog, Transfers transfers) {
        /** A request that was answered before anybody could look at it, with an error of the server's. */
        void unread(Request request, int status, long bytes) {
            long taken = System.nanoTime() - request.getBeginNanoTime();
            String userAgent = request.getHeaders().get(HttpHeader.USER_AGENT);
            metrics.request(userAgent, "invalid", "error", "precast", status, taken);
            if (accessLog != null) {
                String method = AccessLog.method(request.getMethod() == null ? "-" : request.getMethod());
                accessLog.write(new AccessLog.Line(
                        Request.getRemoteAddr(request),
                        "-",
                        method,
                        "-",
                        "invalid",
                        "error",
                        "precast",
                        status,
                        bytes,
                        taken / 1_000));
            }
        }
    }

    /**
     * @param answer what was decided
     * @param leave gives its place back; absent when it took none
     */
    Exchange(
            Request request,
            Response response,
            Callback callback,
            ClientRequest asked,
            Answer answer,
            Recorder recorder,
            long start,
            @Nullable Runnable leave) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.asked = asked;
        this.answer = answer;
        this.recorder = recorder;
        this.start = start;
        this.leave = leave;
    }

    Request request() {
        return request;
    }

    Response response() {
        return response;
    }

    ClientRequest asked() {
        return asked;
    }

    Answer answer() {
        return answer;
    }

    /** Whether everything was sent, or never will be. */
    boolean over() {
        return over.get();
    }

    /** Says what is being sent; the last one counts. */
    void sent(Sent what) {
        sent = what;
    }

    /** Writes what is left, and completes the exchange: before this returns, unless the client is slower than we are. */
    void sendLast(ByteBuffer body) {
        LastWrite.send(request, response, body, Callback.from(this::complete, this::fail));
        if (!over() && request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
            // A client can keep a stream from moving while its connection moves, which nobody else would notice.
            recorder.transfers().sending(this);
        }
    }

    @Override
    public void succeeded() {
        LastWrite.elsewhere(request.getComponents().getExecutor(), this::complete);
    }

    @Override
    public void failed(Throwable x) {
        LastWrite.elsewhere(request.getComponents().getExecutor(), () -> fail(x));
    }

    private void complete() {
        end(); // Before Jetty uses the request's parts for the next one.
        callback.succeeded();
    }

    private void fail(Throwable x) {
        request.setAttribute(ATTRIBUTE, this); // What Jetty makes of it is counted already.
        end();
        callback.failed(x);
    }

    /** The connection is broken: nobody may come by who completes it. */
    void brokenOff() {
        sent(Sent.BROKEN);
        end();
    }

    private void end() {
        if (!over.compareAndSet(false, true)) {
            return;
        }
        if (leave != null) {
            leave.run();
        }
        long taken = System.nanoTime() - start;
        Sent what = sent;
        String userAgent = request.getHeaders().get(HttpHeader.USER_AGENT);
        recorder.metrics().request(userAgent, asked.path().route(), what.format(), what.origin(), what.status(), taken);
        AccessLog log = recorder.accessLog();
        if (log != null) {
            log.write(line(what, taken / 1_000));
        }
    }

    private AccessLog.Line line(Sent what, long micros) {
        return new AccessLog.Line(
                Request.getRemoteAddr(request),
                asked.headers().first("authorization").map(AccessLog::principal).orElse("anonymous"),
                AccessLog.method(request.getMethod()),
                asked.path().named(),
                asked.path().route(),
                what.format(),
                what.origin(),
                what.status(),
                Response.getContentBytesWritten(response),
                micros);
    }
}
