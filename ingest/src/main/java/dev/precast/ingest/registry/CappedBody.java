package dev.precast.ingest.registry;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects a body up to a cap. One byte more and the rest is not read: the connection is given up and the body is
 * {@linkplain Body#complete incomplete}. A body that comes too slowly is given up as well, long before the time of the whole
 * answer is over, as an {@link HttpTimeoutException}.
 */
final class CappedBody implements BodySubscriber<CappedBody.Body> {
    /**
     * The bytes read.
     *
     * @param complete false when there were more than the cap
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    record Body(byte[] bytes, boolean complete) {}

    /** Within which a body may come as slowly as it likes. */
    private static final long GRACE_NANOS = Duration.ofSeconds(5).toNanos();
    /** Bytes in each second after that, on average. */
    private static final int MIN_RATE = 1024;

    private static final double NANOS_PER_SECOND = 1e9;

    private final int cap;
    private final LongSupplier nanoTime;
    private final long begun;
    private final CompletableFuture<Body> result = new CompletableFuture<>();
    private byte[] collected;
    private int length;
    private Flow.@Nullable Subscription subscription;

    private CappedBody(int cap, LongSupplier nanoTime) {
        this.cap = cap;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.collected = new byte[0];
    }

    /** Reads nothing at all when Content-Length already says that it is too much. */
    static BodyHandler<Body> atMost(int cap) {
        return atMost(cap, System::nanoTime);
    }

    static BodyHandler<Body> atMost(int cap, LongSupplier nanoTime) {
        return response -> new CappedBody(
                response.headers().firstValueAsLong("Content-Length").orElse(0) > cap ? -1 : cap, nanoTime);
    }

    @Override
    public CompletionStage<Body> getBody() {
        return result;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (cap < 0) {
            given.cancel();
            result.complete(new Body(collected, false));
        } else {
            given.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer next : buffers) {
            int more = next.remaining();
            if (result.isDone()) {
                return;
            }
            if (more > cap - length) {
                if (subscription != null) {
                    subscription.cancel();
                }
                result.complete(new Body(collected, false));
                return;
            }
            if (length + more > collected.length) {
                int grown = (int) Math.min(cap, Math.max(8192L, Math.max(2L * collected.length, length + (long) more)));
                collected = java.util.Arrays.copyOf(collected, grown);
            }
            next.get(collected, length, more);
            length += more;
        }
        requireRate();
    }

    /** Of what comes; when nothing does, the time of the whole answer ends it. */
    private void requireRate() {
        double seconds = (nanoTime.getAsLong() - begun - GRACE_NANOS) / NANOS_PER_SECOND;
        if (seconds > 0 && length < seconds * MIN_RATE && !result.isDone()) {
            if (subscription != null) {
                subscription.cancel();
            }
            result.completeExceptionally(new HttpTimeoutException("The body came at less than 1 KiB a second"));
        }
    }

    @Override
    public void onError(Throwable throwable) {
        result.completeExceptionally(throwable);
    }

    @Override
    public void onComplete() {
        result.complete(new Body(java.util.Arrays.copyOf(collected, length), true));
    }
}
