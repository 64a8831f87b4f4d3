package dev.precast.serving.upstream;

import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A body of the upstream's, read from its connection only when somebody asks for more: what nobody asks for stays on the upstream's
 * side. For one subscriber, whose methods are called one at a time. Thread-safe.
 */
final class DemandedBody implements Flow.Publisher<Content.Chunk>, Flow.Subscription {
    private final Response response;
    private final Content.Source source;
    /** Pieces that were asked for and have not come; whoever makes it more than none reads them. */
    private final AtomicLong wanted = new AtomicLong();

    private volatile Flow.@Nullable Subscriber<? super Content.Chunk> subscriber;
    private volatile boolean over;

    DemandedBody(Response response, Content.Source source) {
        this.response = response;
        this.source = source;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Content.Chunk> given) {
        subscriber = given;
        given.onSubscribe(this);
    }

    @Override
    public void request(long n) {
        if (!over && wanted.getAndAdd(n) == 0) {
            read();
        }
    }

    /** Ends the exchange; its connection is kept if there is nothing left to read. */
    @Override
    public void cancel() {
        if (over) {
            return;
        }
        over = true;
        if (wanted.get() == 0 && isAtItsEnd()) {
            return;
        }
        var unused = response.abort(new IOException("Nobody wants the rest."));
    }

    private boolean isAtItsEnd() {
        Content.Chunk chunk = source.read();
        if (chunk == null) {
            return false;
        }
        boolean end = chunk.isLast() && !chunk.hasRemaining() && !Content.Chunk.isFailure(chunk);
        chunk.release();
        return end;
    }

    /**
     * As long as both sides keep up a body moves on in one go, and the system lets it for some milliseconds before it gives the
     * processor to whoever was woken up meanwhile, even if another one is idle.
     */
    @SuppressWarnings("ThreadPriorityCheck") // Nothing depends on it but how long others wait.
    private static void giveWay() {
        Thread.yield();
    }

    private void read() {
        Flow.Subscriber<? super Content.Chunk> to = subscriber;
        while (to != null && !over) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(this::read);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                over = true;
                var unused = response.abort(chunk.getFailure());
                to.onError(chunk.getFailure());
                return;
            }
            boolean last = chunk.isLast();
            boolean some = chunk.hasRemaining();
            if (some) {
                to.onNext(chunk);
                giveWay();
            } else {
                chunk.release();
            }
            if (last) {
                over = true;
                to.onComplete();
                return;
            }
            if (some && wanted.decrementAndGet() == 0) {
                return;
            }
        }
    }
}
