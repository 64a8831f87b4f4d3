package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Clients that send their headers a byte a second, and clients that ask for large blobs and read nothing: what ordinary clients
 * notice of them, and how long they last. They come from many addresses and come again when they are closed.
 */
class SlowClientsRig {
    private static final Duration PHASE = Duration.ofSeconds(Integer.getInteger("rig.seconds", 75));
    private static final Duration BASELINE = Duration.ofSeconds(Math.min(20, PHASE.toSeconds()));
    private static final int TRICKLERS = Integer.getInteger("rig.tricklers", 2_000);
    private static final int STALLED = Integer.getInteger("rig.stalled", 500);
    private static final int ORDINARY = 8;
    private static final int PER_ADDRESS = 90;
    private static final String MANIFEST = "/v2/load/r1/manifests/t1";

    private final List<Slow> slow = new ArrayList<>();
    private final AtomicInteger closedTricklers = new AtomicInteger();
    private final AtomicLong longestTrickle = new AtomicLong();
    private final AtomicInteger closedStalled = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    private final class Slow {
        private final InetAddress from;
        private final boolean trickles;
        private SocketChannel channel;
        private long since;

        Slow(InetSocketAddress server, InetAddress from, boolean trickles, String blob) throws IOException {
            this.from = from;
            this.trickles = trickles;
            this.channel = open(server, blob);
        }

        private SocketChannel open(InetSocketAddress server, String blob) throws IOException {
            SocketChannel fresh = SocketChannel.open();
            fresh.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 8 << 10);
            fresh.bind(new InetSocketAddress(from, 0));
            fresh.connect(server);
            String text = trickles
                    ? "GET /v2/ HTTP/1.1\r\nHost: a\r\nX-Slow: "
                    : "GET " + blob + " HTTP/1.1\r\nHost: a\r\n\r\n";
            fresh.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            fresh.configureBlocking(false);
            since = System.nanoTime();
            return fresh;
        }

        /** One more byte, and one more connection when the one before is gone. */
        void step(InetSocketAddress server, String blob) {
            try {
                if (trickles && channel.read(ByteBuffer.allocate(16)) >= 0) {
                    channel.write(ByteBuffer.wrap(new byte[] {'a'}));
                    return;
                }
                if (!trickles) {
                    // Reads nothing: only a reset shows, on a write.
                    channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
                    return;
                }
            } catch (IOException e) {
                // Reset: counted below.
            }
            long lasted = System.nanoTime() - since;
            (trickles ? closedTricklers : closedStalled).incrementAndGet();
            if (trickles) {
                longestTrickle.accumulateAndGet(lasted, Math::max);
            }
            try {
                channel.close();
                channel = open(server, blob);
            } catch (IOException e) {
                refused.incrementAndGet();
            }
        }
    }

    @Test
    void ordinaryClients_noticeLittle() throws Exception {
        byte[] large = new byte[16 << 20];
        String blob = "/v2/a/b/blobs/" + Digest.sha256(large);
        AtomicBoolean over = new AtomicBoolean();
        try (FakeUpstream upstream =
                        new FakeUpstream().on(blob, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, large));
                RigProcess server = RigProcess.start(upstream.url(), 1_000, 3_700, "serving.connections=4000")) {
            OrdinaryClients.run(server.address(), ORDINARY, MANIFEST, BASELINE, 0); // Warms up.
            OrdinaryClients.Seen before = OrdinaryClients.run(server.address(), ORDINARY, MANIFEST, BASELINE, 0);
            for (int i = 0; i < TRICKLERS + STALLED; i++) {
                InetAddress from = InetAddress.getByName("127.0." + (1 + i / PER_ADDRESS) + ".1");
                slow.add(new Slow(server.address(), from, i < TRICKLERS, blob));
            }
            Thread pace = new Thread(() -> pace(server.address(), blob, over));
            pace.start();
            OrdinaryClients.Seen during = OrdinaryClients.run(server.address(), ORDINARY, MANIFEST, PHASE, 0);
            over.set(true);
            pace.join();
            report(before, during);
        } finally {
            over.set(true);
            for (Slow each : slow) {
                each.channel.close();
            }
        }
    }

    private void pace(InetSocketAddress server, String blob, AtomicBoolean over) {
        try {
            while (!over.get()) {
                slow.forEach(each -> each.step(server, blob));
                Thread.sleep(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report(OrdinaryClients.Seen before, OrdinaryClients.Seen during) throws IOException {
        double longest = longestTrickle.get() / 1e9;
        new ReliabilityPage("Slow clients", "build-bin/rig slow " + PHASE.toSeconds(), null)
                .row("clients that send a byte of headers a second, and come again", TRICKLERS, "")
                .row("clients that ask for 16 MiB and read nothing, and come again", STALLED, "")
                .row("ordinary requests without them: number, p50, p99 (µs)", line(before), "")
                .row("ordinary requests beside them: number, p50, p99 (µs)", line(during), "")
                .row(
                        "p99 beside them, times that without",
                        ratio((double) during.percentile(0.99), (double) before.percentile(0.99)),
                        "≤ 2")
                .row(
                        "ordinary requests that got no answer or an error",
                        during.other() + during.refusedMicros().length,
                        "0")
                .row("slow headers: connections closed", closedTricklers.get(), "")
                .row("slow headers: longest connection (s)", Math.round(longest * 10) / 10.0, "≤ 15")
                .row("unread blobs: connections closed", closedStalled.get(), "each within 60 s")
                .row("new connections refused to them", refused.get(), "")
                .write();
        assertThat(during.other()).isZero();
        assertThat(longest).isLessThan(15);
    }

    private static String line(OrdinaryClients.Seen seen) {
        return seen.micros().length + ", " + seen.percentile(0.5) + ", " + seen.percentile(0.99);
    }

    private static String ratio(double a, double b) {
        return String.format(java.util.Locale.ROOT, "%.2f", b == 0 ? Double.NaN : a / b);
    }
}
