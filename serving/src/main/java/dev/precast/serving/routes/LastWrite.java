package dev.precast.serving.routes;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * The last write of an answer, and the completion of its request, which never happens inside the write's own callback.
 *
 * <p>Jetty runs the callbacks of a connection's writes one after the other, in the thread that happens to be at it, and those that
 * may block in another. When a request is completed inside of one, another thread can begin with the connection's next request,
 * whose callbacks then come late; and an error that Jetty answers by itself does not survive a late callback: "channel already
 * completed", {@code HttpChannelState.ErrorCallback} at 12.1.14, and its client gets a 500 or nothing.
 */
final class LastWrite implements Callback {
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WRITING);
    private final Executor executor;
    private final Callback request;
    private @Nullable Throwable failure;

    private enum Stage {
        WRITING,
        WRITTEN,
        RETURNED
    }

    private LastWrite(Executor executor, Callback request) {
        this.executor = executor;
        this.request = request;
    }

    /**
     * Writes all that is left and completes the request: before this returns, unless the client is slower than we are.
     *
     * @param completion of the request
     */
    static void send(Request request, Response response, ByteBuffer body, Callback completion) {
        LastWrite last = new LastWrite(request.getComponents().getExecutor(), completion);
        response.write(true, body, last);
        last.returned();
    }

    /** Runs what must not run in the caller's thread: it may be inside the callback of a write, or have others to attend to. */
    static void elsewhere(Executor executor, Runnable completion) {
        try {
            executor.execute(completion);
        } catch (RejectedExecutionException e) { // The server ends, or has no thread left: here is better than never.
            completion.run();
        }
    }

    @Override
    public void succeeded() {
        if (!stage.compareAndSet(Stage.WRITING, Stage.WRITTEN)) {
            elsewhere(executor, request::succeeded);
        }
    }

    @Override
    public void failed(Throwable x) {
        failure = x;
        if (!stage.compareAndSet(Stage.WRITING, Stage.WRITTEN)) {
            elsewhere(executor, () -> request.failed(x));
        }
    }

    private void returned() {
        if (stage.compareAndSet(Stage.WRITING, Stage.RETURNED)) {
            return;
        }
        Throwable known = failure;
        if (known == null) {
            request.succeeded();
        } else {
            request.failed(known);
        }
    }

    /** So that Jetty calls it at once, in the thread that wrote. */
    @Override
    public InvocationType getInvocationType() {
        return InvocationType.NON_BLOCKING;
    }
}
