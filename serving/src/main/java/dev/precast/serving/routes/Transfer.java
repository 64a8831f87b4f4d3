package dev.precast.serving.routes;

import dev.precast.serving.server.Connections;
import dev.precast.serving.upstream.BodyCheck;
import dev.precast.serving.upstream.UpstreamException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One body from the upstream to a client. The next piece is asked for only when the client has taken the one before, and what may
 * be the last is kept back: it goes out when the one after it has come, or when the body is whole and has its digest. So a body that
 * breaks off or is not what was asked for never ends in order. Where the upstream says no length, every piece may be the last.
 *
 * <p>The subscriber's methods are called by the HTTP client, those of a writing by the server, {@link #check} by the sweep. A piece
 * is the connection's own memory that it came by, and is given back when it is written or nobody wants it any more.
 */
final class Transfer implements Flow.Subscriber<Content.Chunk> {
    private final Exchange exchange;
    private final @Nullable BodyCheck check;
    /** Bytes that have not come; -1 where the upstream does not say how many there are. */
    private long missing;

    private final Consumer<Throwable> failed;
    private final LongSupplier nanoTime;
    private final Consumer<Transfer> done;
    private final AtomicBoolean over = new AtomicBoolean();
    private Flow.@Nullable Subscription subscription;
    private Content.@Nullable Chunk held;
    private Content.@Nullable Chunk leaving;
    private boolean writing;
    private boolean complete;
    private boolean released;
    private boolean asked;
    private long since;
    /** What the client has taken, and how long it kept us waiting over it, since it last had enough of them. */
    private long windowBytes;

    private long windowWaited;

    Transfer(
            Exchange exchange,
            @Nullable BodyCheck check,
            long length,
            Consumer<Throwable> failed,
            LongSupplier nanoTime,
            Consumer<Transfer> done) {
        this.exchange = exchange;
        this.check = check;
        this.missing = length;
        this.failed = failed;
        this.nanoTime = nanoTime;
        this.done = done;
        this.since = nanoTime.getAsLong();
        this.asked = true;
    }

    boolean of(Exchange other) {
        return exchange == other;
    }

    synchronized boolean waitsForUpstream() {
        return asked;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        synchronized (this) {
            subscription = given;
        }
        if (over.get()) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(Content.Chunk piece) {
        synchronized (this) {
            asked = false;
            if (over.get()) {
                piece.release();
                return;
            }
            if (check != null) {
                check.update(piece.getByteBuffer());
            }
            missing = missing < 0 ? -1 : Math.max(0, missing - piece.remaining());
            if (missing > 0) {
                leaving = piece;
            } else {
                leaving = held;
                held = piece;
            }
        }
        proceed();
    }

    @Override
    public void onComplete() {
        synchronized (this) {
            asked = false;
            complete = true;
            if (writing) {
                return; // The write's end comes by here again.
            }
        }
        proceed();
    }

    @Override
    public void onError(Throwable failure) {
        abort(new UpstreamException("broken", "The upstream broke off its answer: " + failure, failure));
    }

    /** The writing of one piece. Gives it back, whoever ends it. */
    private final class Writing implements Callback {
        private final Content.Chunk piece;
        private final boolean last;
        private final int length;
        private final AtomicBoolean ended = new AtomicBoolean();

        Writing(Content.Chunk piece, boolean last) {
            this.piece = piece;
            this.last = last;
            this.length = piece.remaining();
        }

        void start() {
            try {
                exchange.response().write(last, piece.getByteBuffer(), this);
            } catch (IllegalStateException e) {
                failed(e); // Jetty has ended the request meanwhile, since its client went away.
            }
        }

        @Override
        public void succeeded() {
            if (ended.compareAndSet(false, true)) {
                piece.release();
                taken(length, last);
            }
        }

        @Override
        public void failed(Throwable gone) {
            if (ended.compareAndSet(false, true)) {
                piece.release();
                lost(gone);
            }
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }

    private void taken(int length, boolean last) {
        synchronized (this) {
            writing = false;
            windowWaited += nanoTime.getAsLong() - since;
            windowBytes += length;
            if (windowBytes >= Connections.LEAST_BYTES) {
                windowBytes = 0;
                windowWaited = 0;
            }
        }
        if (!last) {
            proceed();
        } else if (end()) {
            exchange.succeeded();
        }
    }

    /** The client is gone, or takes nothing. */
    private void lost(Throwable gone) {
        if (end()) {
            cancel();
            exchange.sent(Exchange.Sent.BROKEN);
            exchange.failed(gone);
        }
    }

    /** Ends the transfer if the upstream has kept us waiting too long, or the client has taken next to nothing for too long. */
    void check(long now, long upstreamNanos, long stallNanos) {
        boolean upstreamLate;
        boolean clientLate;
        synchronized (this) {
            upstreamLate = asked && now - since > upstreamNanos;
            clientLate = writing && windowWaited + now - since > stallNanos;
            if (upstreamLate) {
                writing = true; // A piece that comes now must not begin an answer that is about to be an error.
            }
        }
        if (upstreamLate) {
            TimeoutException late = new TimeoutException("no bytes in time");
            abort(new UpstreamException("timeout", "The upstream stalled within its answer", late));
        } else if (clientLate) {
            lost(new TimeoutException("The client takes next to nothing."));
            ConnectionMetaData connection = exchange.request().getConnectionMetaData();
            if (connection.getHttpVersion() != HttpVersion.HTTP_2) { // There only the stream is reset, by now.
                connection.getConnection().getEndPoint().close();
            }
        }
    }

    /** One step: the next piece to the client, the next from the upstream, or the end. */
    private void proceed() {
        Writing write = null;
        Flow.Subscription ask = null;
        UpstreamException wrong = null;
        synchronized (this) {
            if (writing || over.get()) {
                return;
            }
            if (leaving == null && complete && !released) {
                wrong = verified();
                released = true;
                leaving = held == null ? Content.Chunk.EOF : held;
                held = null;
            }
            since = nanoTime.getAsLong();
            Content.Chunk next = leaving;
            if (wrong != null) {
                writing = true; // Nothing more is sent.
            } else if (next == null) {
                asked = true;
                ask = subscription;
            } else {
                leaving = null;
                writing = true;
                write = new Writing(next, released);
            }
        }
        if (wrong != null) {
            abort(wrong);
        } else if (write != null) {
            write.start();
        } else if (ask != null) {
            ask.request(1);
        }
    }

    private @Nullable UpstreamException verified() {
        try {
            if (check != null) {
                check.finish();
            }
            return null;
        } catch (UpstreamException e) {
            return e;
        }
    }

    private void abort(UpstreamException failure) {
        if (end()) {
            cancel();
            failed.accept(failure);
        }
    }

    private boolean end() {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        synchronized (this) {
            giveBack(held);
            giveBack(leaving);
            held = null;
            leaving = null;
        }
        done.accept(this);
        return true;
    }

    private static void giveBack(Content.@Nullable Chunk piece) {
        if (piece != null) {
            piece.release();
        }
    }

    private synchronized void cancel() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
