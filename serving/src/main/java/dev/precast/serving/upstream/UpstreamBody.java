package dev.precast.serving.upstream;

import dev.precast.schemas.image.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way through: at most one piece is asked for ahead of what the client has taken, and each piece has to come in
 * time. The subscriber's methods are called by the HTTP client, the others by the one thread that answers the client.
 */
public final class UpstreamBody implements BodySubscriber<UpstreamBody>, AutoCloseable {
    private sealed interface Signal {}

    private record Piece(List<ByteBuffer> buffers) implements Signal {}

    private record End(@Nullable Throwable failure) implements Signal {}

    /** Stands for the subscription of a body that nobody wants any more; the real one is cancelled when it comes. */
    private static final Flow.Subscription CANCELLED = new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };

    private final Duration patience;
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
    /** One piece that was asked for, and the end. */
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(2);

    private List<ByteBuffer> again = List.of();
    private boolean ended;

    /** @param patience how long each piece may take */
    UpstreamBody(Duration patience) {
        this.patience = patience;
    }

    /**
     * Writes the whole body. The upstream is read only as fast as {@code out} takes it.
     *
     * @throws UpstreamException if the upstream breaks off or stalls
     * @throws IOException if {@code out} does
     */
    public void writeTo(OutputStream out) throws IOException {
        for (List<ByteBuffer> buffers = next(); !buffers.isEmpty(); buffers = next()) {
            write(buffers, out);
        }
    }

    /**
     * Writes the whole body if it has the digest. Its last piece is kept back until that is known.
     *
     * @throws UpstreamException as {@link #writeTo(OutputStream)}, and of kind {@code digest} if the body has another one
     */
    public void writeTo(OutputStream out, Digest expected) throws IOException {
        BodyCheck check = new BodyCheck(expected);
        List<ByteBuffer> held = List.of();
        for (List<ByteBuffer> buffers = next(); !buffers.isEmpty(); buffers = next()) {
            check.update(buffers);
            write(held, out);
            held = buffers;
        }
        check.finish();
        write(held, out);
    }

    private static void write(List<ByteBuffer> buffers, OutputStream out) throws IOException {
        byte[] chunk = new byte[16 << 10];
        for (ByteBuffer buffer : buffers) {
            while (buffer.hasRemaining()) {
                int length = Math.min(chunk.length, buffer.remaining());
                buffer.get(chunk, 0, length);
                out.write(chunk, 0, length);
            }
        }
    }

    /** @throws UpstreamException if the body is longer than {@code limit} bytes, breaks off or stalls */
    public byte[] readAll(int limit) throws IOException {
        Optional<byte[]> whole = readWhole(limit);
        if (whole.isEmpty()) {
            close();
            throw new UpstreamException(
                    "broken", "The upstream's answer is too long", new IOException("over " + limit + " bytes"));
        }
        return whole.get();
    }

    /**
     * The whole body if it has at most {@code limit} bytes; empty where it is longer, and then it is still to be read, from its start.
     *
     * @throws UpstreamException if the upstream breaks off or stalls
     */
    public Optional<byte[]> readWhole(int limit) throws IOException {
        List<ByteBuffer> read = new ArrayList<>();
        int length = 0;
        for (List<ByteBuffer> buffers = next(); !buffers.isEmpty(); buffers = next()) {
            read.addAll(buffers);
            length += buffers.stream().mapToInt(ByteBuffer::remaining).sum();
            if (length > limit) {
                again = read;
                return Optional.empty();
            }
        }
        ByteBuffer whole = ByteBuffer.allocate(length);
        read.forEach(whole::put);
        return Optional.of(whole.array());
    }

    /** Reads up to {@code limit} bytes and drops them, so that the connection can be used again; gives up beyond. */
    public void drain(int limit) {
        try {
            int read = 0;
            for (List<ByteBuffer> buffers = next(); !buffers.isEmpty() && read <= limit; buffers = next()) {
                read += buffers.stream().mapToInt(ByteBuffer::remaining).sum();
            }
        } catch (IOException e) {
            close();
        }
        close();
    }

    /** Stops reading; ends the connection when the body was not read to its end. */
    @Override
    public void close() {
        again = List.of();
        if (!ended) {
            ended = true;
            if (!subscription.complete(CANCELLED)) {
                subscription.join().cancel();
            }
        }
    }

    /** The next piece; empty at the end. */
    private List<ByteBuffer> next() throws IOException {
        if (!again.isEmpty()) {
            List<ByteBuffer> first = again;
            again = List.of();
            return first;
        }
        if (ended) {
            return List.of();
        }
        try {
            subscription.get(patience.toMillis(), TimeUnit.MILLISECONDS).request(1);
            Signal signal = signals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (signal instanceof Piece piece) {
                return piece.buffers().isEmpty() ? next() : piece.buffers();
            }
            if (signal instanceof End end) {
                ended = true;
                Throwable failure = end.failure();
                if (failure == null) {
                    return List.of();
                }
                throw new UpstreamException("broken", "The upstream broke off its answer: " + failure, failure);
            }
            throw new TimeoutException("no bytes for " + patience.toMillis() + " ms");
        } catch (TimeoutException e) {
            close();
            throw new UpstreamException("timeout", "The upstream stalled within its answer: " + e.getMessage(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Nothing completes the subscription with a failure", e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new UpstreamException("broken", "Interrupted while reading the upstream's answer", e);
        }
    }

    @Override
    public CompletionStage<UpstreamBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        if (!subscription.complete(given)) {
            given.cancel();
        }
    }

    @Override
    public void onNext(List<ByteBuffer> item) {
        signals.offer(new Piece(item));
    }

    @Override
    public void onError(Throwable throwable) {
        signals.offer(new End(throwable));
    }

    @Override
    public void onComplete() {
        signals.offer(new End(null));
    }
}
