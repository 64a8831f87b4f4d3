package dev.precast.ingest.registry;

import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Collects a body up to a cap. One byte more and the rest is not read: the connection is given up and the body is
 * {@linkplain Body#complete incomplete}.
 */
final class CappedBody implements BodySubscriber<CappedBody.Body> {
    /**
     * The bytes read.
     *
     * @param complete false when there were more than the cap
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over once, never compared.
    record Body(byte[] bytes, boolean complete) {}

    private final int cap;
    private final CompletableFuture<Body> result = new CompletableFuture<>();
    private byte[] collected;
    private int length;
    private Flow.@Nullable Subscription subscription;

    private CappedBody(int cap) {
        this.cap = cap;
        this.collected = new byte[0];
    }

    /** Reads nothing at all when Content-Length already says that it is too much. */
    static BodyHandler<Body> atMost(int cap) {
        return response -> new CappedBody(
                response.headers().firstValueAsLong("Content-Length").orElse(0) > cap ? -1 : cap);
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
