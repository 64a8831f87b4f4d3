package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.testkit.ReliabilityPage;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clients that send their headers a byte a second, and clients that ask for large blobs and read nothing: what ordinary clients
 * notice of them, and how long they last. Ordinary clients ask at the same pace with and without them, and their time counts from
 * the moment at which they meant to ask.
 */
class SlowClientsRig {
    private static final Duration ATTACK = Duration.ofSeconds(Integer.getInteger("rig.seconds", 75));
    private static final Duration BASELINE = ATTACK.dividedBy(2);
    /**
     * Before it is measured: all of them have come, have been closed and have come again, some for the third time, so that what they
     * make the server do is compiled and the memory that it takes is there.
     */
    private static final Duration REHEARSAL = Duration.ofSeconds(Integer.getInteger("rig.rehearsal", 95));

    private static final int TRICKLERS = Integer.getInteger("rig.tricklers", 2_000);
    private static final int STALLED = Integer.getInteger("rig.stalled", 500);
    private static final int ORDINARY = 8;
    private static final int PER_SECOND = Integer.getInteger("rig.rate", 50);
    /** More than there are slow clients; where connections run out, those that never asked are closed for new ones. */
    private static final int CONNECTIONS = Integer.getInteger("rig.connections", 4_000);

    private static final double TIMES = 2;
    private static final double HEADERS_SECONDS = 15;
    /** They look whether they are closed once a second. */
    private static final double STALL_SECONDS = 61;

    private static final String MANIFEST = "/v2/load/r1/manifests/t1";

    @Test
    void ordinaryClients_noticeLittle() throws Exception {
        String connections = "serving.connections=" + CONNECTIONS;
        try (SlowClientsProcess slow = new SlowClientsProcess();
                RigProcess server = RigProcess.start(slow.upstream(), 1_000, 3_700, connections);
                RigProcess other = RigProcess.startIdle(slow.upstream(), 1, 3_700, connections)) {
            OrdinaryClients.run(server.address(), ORDINARY, MANIFEST, REHEARSAL.dividedBy(2), 0);
            slow.start(server.address(), TRICKLERS, STALLED);
            paced(server, REHEARSAL);
            double cpu = server.cpuSeconds();
            OrdinaryClients.Seen during = paced(server, ATTACK);
            cpu = server.cpuSeconds() - cpu;
            SlowClients.Seen seen = slow.end();
            TimeUnit.SECONDS.sleep(2);
            OrdinaryClients.Seen without = paced(server, BASELINE);
            slow.start(other.address(), TRICKLERS, STALLED);
            OrdinaryClients.Seen aside = paced(server, ATTACK);
            slow.end();
            report(without, aside, during, seen, cpu);
        }
    }

    private static OrdinaryClients.Seen paced(RigProcess server, Duration duration) throws InterruptedException {
        return OrdinaryClients.paced(server.address(), ORDINARY, MANIFEST, duration, PER_SECOND);
    }

    private static void report(
            OrdinaryClients.Seen without,
            OrdinaryClients.Seen aside,
            OrdinaryClients.Seen during,
            SlowClients.Seen slow,
            double cpu)
            throws IOException {
        double times = (double) during.percentile(0.99) / without.percentile(0.99);
        double trickle = slow.longestTrickle() / 1e3;
        double stall = slow.longestStall() / 1e3;
        int unanswered = during.other() + during.refusedMicros().length;
        new ReliabilityPage("Slow clients", "build-bin/rig slow " + ATTACK.toSeconds(), null)
                .row("clients that send a byte of headers a second, and come again when closed", TRICKLERS, "")
                .row("clients that ask for 16 MiB and read nothing, and come again when closed", STALLED, "")
                .row("`serving.connections`", CONNECTIONS, "")
                .row("ordinary requests a second, all phases", ORDINARY * PER_SECOND, "")
                .row("ordinary requests without them: number; p50, p99, p99.9 in ms", line(without), "")
                .row("ordinary requests while they are at another server of this machine", line(aside), "")
                .row("ordinary requests beside them", line(during), "")
                .row("p99 beside them, times that without", decimal(times), "≤ 2")
                .row("ordinary requests that got no answer or an error", unanswered, "0")
                .row("the server's use of a core beside them", decimal(cpu / ATTACK.toSeconds()), "")
                .row("slow headers: connections closed", slow.closedTricklers(), "")
                .row("slow headers: longest connection, s", decimal(trickle), "≤ 15")
                .row("unread blobs: connections closed", slow.closedStalled(), "")
                .row("unread blobs: longest connection, s, seen once a second", decimal(stall), "≤ 60 (61)")
                .row("new connections of theirs that failed", slow.refused(), "")
                .write();
        assertThat(unanswered).as("ordinary requests without an answer").isZero();
        assertThat(trickle).as("slow headers").isLessThanOrEqualTo(HEADERS_SECONDS);
        assertThat(stall).as("unread blobs").isLessThanOrEqualTo(STALL_SECONDS);
        assertThat(times).as("p99 beside slow clients").isLessThanOrEqualTo(TIMES);
    }

    private static String line(OrdinaryClients.Seen seen) {
        return String.format(
                Locale.ROOT,
                "%d; %.2f, %.2f, %.2f",
                seen.micros().length,
                seen.percentile(0.5) / 1e3,
                seen.percentile(0.99) / 1e3,
                seen.percentile(0.999) / 1e3);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
