package dev.precast.serving.rig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.serving.support.FakeUpstream;
import dev.precast.testkit.ReliabilityPage;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Ten times as many clients as there is room for, all asking for what the upstream takes its time over. */
class OverloadRig {
    private static final int ROOM = 32;
    private static final int TIMES = 10;
    private static final Duration PHASE = Duration.ofSeconds(Integer.getInteger("rig.seconds", 20));
    private static final long UPSTREAM_MILLIS = 50;
    private static final long PAUSE_MILLIS = 1_000;
    private static final String SLOW = "/v2/slow/app/manifests/v1";
    private static final String READY = "/v2/load/r1/manifests/t1";

    @Test
    void excess_isRefusedAtOnce() throws Exception {
        FakeUpstream.Reply reply = FakeUpstream.json(200, "{}");
        try (FakeUpstream upstream = new FakeUpstream().on(SLOW, exchange -> {
                    sleep();
                    reply.send(exchange);
                });
                RigProcess server = RigProcess.start(
                        upstream.url(),
                        1_000,
                        3_700,
                        "serving.limit.manifests=" + ROOM,
                        "serving.connections.per.address=0")) {
            OrdinaryClients.run(server.address(), ROOM, SLOW, PHASE.dividedBy(4), PAUSE_MILLIS); // Warms up.
            OrdinaryClients.Seen peak = OrdinaryClients.run(server.address(), ROOM, SLOW, PHASE, PAUSE_MILLIS);
            OrdinaryClients.Seen over = OrdinaryClients.run(server.address(), ROOM * TIMES, SLOW, PHASE, PAUSE_MILLIS);
            long start = System.nanoTime();
            OrdinaryClients.Seen after =
                    OrdinaryClients.run(server.address(), 1, READY, Duration.ofSeconds(1), PAUSE_MILLIS);
            long recovered = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) - 1_000;
            double goodput = over.perSecond() / peak.perSecond();
            double refusal = OrdinaryClients.Seen.percentile(over.refusedMicros(), 0.99) / 1_000.0;
            new ReliabilityPage("Overload", "build-bin/rig overload " + PHASE.toSeconds(), null)
                    .row("requests answered at once, and clients in the overload", ROOM + ", " + ROOM * TIMES, "")
                    .row("answers/s with as many clients as there is room for", Math.round(peak.perSecond()), "")
                    .row("answers/s with " + TIMES + " times as many", Math.round(over.perSecond()), "")
                    .row("goodput, share of the peak", String.format(Locale.ROOT, "%.2f", goodput), "≥ 0.9")
                    .row("refused with 429", over.refusedMicros().length, "")
                    .row("p99 of the refusals (ms)", refusal, "≤ 50")
                    .row("any other answer", over.other(), "0")
                    .row(
                            "time over which the first requests afterwards were late (ms)",
                            Math.max(0, recovered),
                            "≤ 5000")
                    .write();
            assertThat(over.refusedMicros()).isNotEmpty();
            assertThat(over.other()).isZero();
            assertThat(goodput).as("goodput").isGreaterThanOrEqualTo(0.9);
            assertThat(refusal).as("p99 of the refusals, ms").isLessThanOrEqualTo(50);
            assertThat(after.statuses()).containsOnlyKeys(200);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(UPSTREAM_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
