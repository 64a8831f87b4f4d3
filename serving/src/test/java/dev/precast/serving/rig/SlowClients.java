package dev.precast.serving.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Clients that send a byte of their headers a second, and clients that ask for a blob and read nothing. Each comes again when it is
 * closed; they come from many addresses, one after the other in the first ten seconds, and take their turns spread over the second:
 * what is looked at is slowness, not the rush of 2,500 connections at once. For one thread.
 */
final class SlowClients implements AutoCloseable {
    private static final int PER_ADDRESS = 90;
    /** A second has so many: those of one turn send at the same moment, which clients from all over the world do not. */
    private static final int TURNS = 1_000;

    private static final int COMING_TURNS = 10 * TURNS;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final InetSocketAddress server;
    private final String blob;
    /** Those of each turn of a second. */
    private final List<List<Slow>> turns = Stream.generate(() -> (List<Slow>) new ArrayList<Slow>())
            .limit(TURNS)
            .toList();

    private int closedTricklers;
    private int closedStalled;
    private int refused;
    private long longestTrickle;
    private long longestStall;

    private static final class Slow {
        private final InetAddress from;
        private final boolean trickles;
        /** In which turn it comes; it takes the same one of every second from then on. */
        private final long comes;
        /** Absent until it has come, and when it could not come again. */
        private @Nullable SocketChannel channel;

        private long since;

        Slow(InetAddress from, boolean trickles, long comes) {
            this.from = from;
            this.trickles = trickles;
            this.comes = comes;
        }

        /** One more byte; false when the connection is gone. */
        boolean step(SocketChannel channel) {
            try {
                if (trickles && channel.read(ByteBuffer.allocate(16)) < 0) {
                    return false;
                }
                // The others read nothing, so that only a write shows a connection that was reset.
                channel.write(ByteBuffer.wrap(new byte[] {(byte) (trickles ? 'a' : '\n')}));
                return true;
            } catch (IOException e) {
                return false;
            }
        }
    }

    /** What became of them, times in milliseconds. */
    record Seen(int closedTricklers, long longestTrickle, int closedStalled, long longestStall, int refused) {
        String line() {
            return closedTricklers + " " + longestTrickle + " " + closedStalled + " " + longestStall + " " + refused;
        }

        static Seen of(String line) {
            String[] parts = line.split(" ");
            return new Seen(
                    Integer.parseInt(parts[0]),
                    Long.parseLong(parts[1]),
                    Integer.parseInt(parts[2]),
                    Long.parseLong(parts[3]),
                    Integer.parseInt(parts[4]));
        }
    }

    SlowClients(InetSocketAddress server, String blob, int tricklers, int stalled) throws UnknownHostException {
        this.server = server;
        this.blob = blob;
        int number = tricklers + stalled;
        for (int i = 0; i < number; i++) {
            boolean stalls = (i + 1L) * stalled / number > (long) i * stalled / number; // Evenly among the others.
            InetAddress from = InetAddress.getByName("127.0." + (1 + i / PER_ADDRESS) + ".1");
            long comes = (long) COMING_TURNS * i / number;
            turns.get((int) (comes % TURNS)).add(new Slow(from, !stalls, comes));
        }
    }

    /** Goes on for as long as {@code more} says. */
    Seen run(BooleanSupplier more) throws InterruptedException {
        long start = System.nanoTime();
        for (long turn = 0; more.getAsBoolean(); turn++) {
            long wait = start + turn * (SECOND / TURNS) - System.nanoTime();
            if (wait > 0) {
                TimeUnit.NANOSECONDS.sleep(wait);
            }
            for (Slow slow : turns.get((int) (turn % TURNS))) {
                if (turn >= slow.comes) {
                    step(slow);
                }
            }
        }
        return new Seen(closedTricklers, millis(longestTrickle), closedStalled, millis(longestStall), refused);
    }

    private void step(Slow slow) {
        SocketChannel channel = slow.channel;
        if (channel != null) {
            if (slow.step(channel)) {
                return;
            }
            closed(slow, System.nanoTime() - slow.since);
        }
        try {
            if (channel != null) {
                channel.close();
            }
            slow.channel = open(slow.from, slow.trickles);
        } catch (IOException e) {
            slow.channel = null;
            refused++;
        }
        slow.since = System.nanoTime();
    }

    private void closed(Slow slow, long lasted) {
        if (slow.trickles) {
            closedTricklers++;
            longestTrickle = Math.max(longestTrickle, lasted);
        } else {
            closedStalled++;
            longestStall = Math.max(longestStall, lasted);
        }
    }

    private SocketChannel open(InetAddress from, boolean trickles) throws IOException {
        SocketChannel fresh = SocketChannel.open();
        fresh.setOption(StandardSocketOptions.SO_RCVBUF, 8 << 10);
        fresh.bind(new InetSocketAddress(from, 0));
        fresh.connect(server);
        String text =
                trickles ? "GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Slow: " : "GET " + blob + " HTTP/1.1\r\nHost: a\r\n\r\n";
        fresh.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        fresh.configureBlocking(false);
        return fresh;
    }

    @Override
    public void close() throws IOException {
        for (List<Slow> turn : turns) {
            for (Slow slow : turn) {
                if (slow.channel != null) {
                    slow.channel.close();
                }
            }
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
