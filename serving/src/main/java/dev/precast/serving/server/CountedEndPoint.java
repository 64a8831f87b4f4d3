package dev.precast.serving.server;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/** The lowest end of a connection, which knows how much of what was written has gone out. Thread-safe. */
final class CountedEndPoint extends SocketChannelEndPoint {
    /** More than the systems of both sides take of what nobody reads: whoever has been sent so much does read. */
    private static final long READS = 256 << 10;
    /**
     * What the system takes of the answers to such a client. Left to itself it takes up to four megabytes; this suffices for some
     * megabytes a second at a distance of 100 ms.
     */
    private static final int SEND_BUFFER = 256 << 10;

    private final AtomicLong taken = new AtomicLong();
    private boolean reads;

    CountedEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
        super(channel, selector, key, scheduler);
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
        long before = BufferUtil.remaining(buffers);
        boolean all;
        try {
            all = super.flush(buffers);
        } finally {
            taken.addAndGet(before - BufferUtil.remaining(buffers));
        }
        if (!reads && taken.get() >= READS) {
            reads = true;
            getChannel().setOption(StandardSocketOptions.SO_SNDBUF, SEND_BUFFER);
        }
        return all;
    }

    /** Bytes that have left for the client, up to what the system keeps for it. */
    long taken() {
        return taken.get();
    }

    /** Whether there is something to send that the client leaves no room for. */
    boolean blocked() {
        return getWriteFlusher().isPending();
    }
}
