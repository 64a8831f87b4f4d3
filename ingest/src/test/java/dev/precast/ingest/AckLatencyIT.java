package dev.precast.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.testkit.KafkaExtension;
import dev.precast.testkit.ReliabilityPage;
import dev.precast.testkit.ScriptedRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * How long an event takes to be acknowledged, at {@code ack.rate} events a second for {@code ack.seconds}: an open loop, each event on
 * a connection of its own as Distribution sends it, timed from the moment at which it was due. Every event is resolved meanwhile.
 */
@ExtendWith(KafkaExtension.class)
class AckLatencyIT {
    private static final int REPOSITORIES = 20;
    private static final boolean RIG = System.getProperty("rig.seconds") != null;
    private static final int TAGS = 50;
    private static final int SENDERS = 64;

    @Test
    void events_areAllAnswered(KafkaConfig kafka) throws Exception {
        long rate = RIG ? 500 : 100;
        long seconds = Long.getLong("rig.seconds", 2);
        long warmUp = RIG ? 10 : 1;
        try (ScriptedRegistry registry = ScriptedRegistry.start()) {
            byte[] config = Images.config("ack");
            byte[] manifest = Images.schema2(config);
            for (int r = 0; r < REPOSITORIES; r++) {
                registry.blob("ack/r" + r, config);
                for (int t = 0; t < TAGS; t++) {
                    registry.manifest("ack/r" + r, "t" + t, MediaTypes.SCHEMA2, manifest);
                }
            }
            try (IngestProcess ingest = IngestProcess.startAsInUse(kafka, registry.url())) {
                send(ingest.address(), Digest.sha256(manifest), rate, rate * warmUp);
                long[] nanos = send(ingest.address(), Digest.sha256(manifest), rate, rate * seconds);
                report(nanos, rate);
            }
        }
    }

    private static void report(long[] nanos, long rate) throws IOException {
        long refused = Arrays.stream(nanos).filter(time -> time < 0).count();
        for (int i = 0; i < nanos.length; i++) {
            nanos[i] = Math.abs(nanos[i]);
        }
        Arrays.sort(nanos);
        new ReliabilityPage("Acknowledging events", "build-bin/rig ack", null)
                .row("events a second, one connection each", rate, "")
                .row("events", nanos.length, "")
                .row("of these answered 503, to be sent again", refused, "0")
                .row("p50, ms", milliseconds(nanos, 0.5), "≤ 5")
                .row("p99, ms", milliseconds(nanos, 0.99), "≤ 50")
                .row("p99.9, ms", milliseconds(nanos, 0.999), "≤ 250")
                .row("max, ms", milliseconds(nanos, 1), "< 800")
                .write();
        if (RIG) { // The small run of the build says nothing about time: other tests run beside it.
            assertThat(refused).as("answered 503").isZero();
            assertThat(at(nanos, 0.99)).as("p99, ns").isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
            assertThat(at(nanos, 1)).as("max, ns").isLessThan(TimeUnit.MILLISECONDS.toNanos(800));
        }
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    }

    private static String milliseconds(long[] sorted, double share) {
        return String.format(Locale.ROOT, "%.1f", at(sorted, share) / 1e6);
    }

    private static long[] send(InetSocketAddress address, Digest digest, long rate, long count) throws Exception {
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        try {
            List<Future<Long>> sent = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long due = start + i * TimeUnit.SECONDS.toNanos(1) / rate;
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                byte[] request = request(i, digest);
                sent.add(senders.submit(() -> post(address, request, due)));
            }
            long[] nanos = new long[sent.size()];
            for (int i = 0; i < nanos.length; i++) {
                nanos[i] = sent.get(i).get();
            }
            return nanos;
        } finally {
            senders.shutdownNow();
        }
    }

    /** Negative when it is not acknowledged. */
    private static long post(InetSocketAddress address, byte[] request, long due) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            socket.getOutputStream().write(request);
            byte[] status = socket.getInputStream().readNBytes("HTTP/1.1 200 ".length());
            long nanos = System.nanoTime() - due;
            socket.getInputStream().readAllBytes();
            String answer = new String(status, StandardCharsets.US_ASCII);
            assertThat(answer).isIn("HTTP/1.1 200 ", "HTTP/1.1 503 "); // 503 is slow, not wrong.
            return answer.equals("HTTP/1.1 200 ") ? nanos : -nanos;
        }
    }

    private static byte[] request(int number, Digest digest) {
        String body = "{\"events\":[{\"id\":\"ack-" + number
                + "\",\"action\":\"push\",\"target\":{\"mediaType\":\"" + MediaTypes.SCHEMA2
                + "\",\"size\":500,\"digest\":\""
                + digest + "\",\"repository\":\"ack/r" + number % REPOSITORIES + "\",\"tag\":\"t"
                + number / REPOSITORIES % TAGS + "\"}}]}";
        return ("POST /events HTTP/1.1\r\nHost: ingest\r\nConnection: close\r\nContent-Type: application/vnd.docker.distribution.events.v1+json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
