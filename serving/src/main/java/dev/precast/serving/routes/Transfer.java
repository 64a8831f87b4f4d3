package dev.precast.serving.routes;

import dev.precast.serving.upstream.BodyCheck;
import dev.precast.serving.upstream.UpstreamException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One body from the upstream to a client. The next piece is asked for only when the client has taken the one before, and the
 * newest is always kept back: it goes out when the one after it has come, or when the body is whole and has its digest. So a body
 * that breaks off or is not what was asked for never ends in order.
 *
 * <p>The subscriber's methods are called by the HTTP client, the callback's by Jetty, {@link #check} by the sweep.
 */
final class Transfer implements Flow.Subscriber<List<ByteBuffer>>, Callback {
    /** What a client has to take in the time of a stall: a kilobyte a second in a minute. */
    private static final long LEAST_BYTES = 60 << 10;

    private final Exchange exchange;
    private final @Nullable BodyCheck check;
    private final Consumer<Throwable> failed;
    private final LongSupplier nanoTime;
    private final Consumer<Transfer> done;
    private final AtomicBoolean over = new AtomicBoolean();
    private final Deque<ByteBuffer> leaving = new ArrayDeque<>();
    private Flow.@Nullable Subscription subscription;
    private List<ByteBuffer> held = List.of();
    private boolean writing;
    private boolean complete;
    private boolean released;
    private boolean last;
    private int length;
    private boolean asked;
    private long since;
    private long windowStart;
    private long windowBytes;
    private long windowWaited;

    Transfer(
            Exchange exchange,
            @Nullable BodyCheck check,
            Consumer<Throwable> failed,
            LongSupplier nanoTime,
            Consumer<Transfer> done) {
        this.exchange = exchange;
        this.check = check;
        this.failed = failed;
        this.nanoTime = nanoTime;
        this.done = done;
        this.since = nanoTime.getAsLong();
        this.windowStart = since;
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
    public void onNext(List<ByteBuffer> piece) {
        synchronized (this) {
            asked = false;
            if (check != null) {
                check.update(piece);
            }
            leaving.addAll(held);
            held = piece;
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

    @Override
    public void succeeded() {
        boolean finished;
        synchronized (this) {
            writing = false;
            windowWaited += nanoTime.getAsLong() - since;
            windowBytes += length;
            finished = last;
        }
        if (finished) {
            if (end()) {
                exchange.succeeded();
            }
        } else {
            proceed();
        }
    }

    /** The client is gone, or takes nothing. */
    @Override
    public void failed(Throwable gone) {
        if (end()) {
            cancel();
            exchange.sent(Exchange.Sent.BROKEN);
            exchange.failed(gone);
        }
    }

    /** Ends the transfer if the upstream has kept us waiting too long, or the client has taken next to nothing for too long. */
    void check(long now, long upstreamNanos, long stallNanos) {
        boolean upstreamLate;
        boolean clientLate = false;
        synchronized (this) {
            upstreamLate = asked && now - since > upstreamNanos;
            if (now - windowStart > stallNanos) {
                long waited = windowWaited + (writing ? now - since : 0);
                clientLate = writing && waited > stallNanos / 2 && windowBytes < LEAST_BYTES;
                windowStart = now;
                windowBytes = 0;
                windowWaited = 0;
            }
        }
        if (upstreamLate) {
            TimeoutException late = new TimeoutException("no bytes in time");
            abort(new UpstreamException("timeout", "The upstream stalled within its answer", late));
        } else if (clientLate) {
            failed(new TimeoutException("The client takes next to nothing."));
            exchange.request()
                    .getConnectionMetaData()
                    .getConnection()
                    .getEndPoint()
                    .close();
        }
    }

    /** One step: the next buffer to the client, the next piece from the upstream, or the end. */
    private void proceed() {
        ByteBuffer next;
        Flow.Subscription ask = null;
        UpstreamException wrong = null;
        boolean ends;
        synchronized (this) {
            if (writing || over.get()) {
                return;
            }
            if (leaving.isEmpty() && complete && !released) {
                wrong = verified();
                release();
            }
            since = nanoTime.getAsLong();
            next = leaving.poll();
            ends = released && leaving.isEmpty();
            if (next == null) {
                asked = true;
                ask = subscription;
            } else {
                writing = true;
                last = ends;
                length = next.remaining();
            }
        }
        if (wrong != null) {
            abort(wrong);
        } else if (next != null) {
            write(ends, next);
        } else if (ask != null) {
            ask.request(1);
        }
    }

    private void write(boolean ends, ByteBuffer next) {
        try {
            exchange.response().write(ends, next, this);
        } catch (IllegalStateException e) {
            failed(e); // Jetty has ended the request meanwhile, since its client went away.
        }
    }

    /** The piece that was kept back is the last; an empty one ends a body that is empty. */
    private void release() {
        released = true;
        leaving.addAll(held);
        held = List.of();
        if (leaving.isEmpty()) {
            leaving.add(BufferUtil.EMPTY_BUFFER);
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
        done.accept(this);
        return true;
    }

    private synchronized void cancel() {
        if (subscription != null) {
            subscription.cancel();
        }
    }
}
