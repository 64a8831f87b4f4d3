package dev.precast.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Serving;
import dev.precast.testkit.KafkaExtension;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Clients that leave in the middle of an answer: nothing of it stays behind, and nobody else notices: all of them get what they
 * asked for, up to where they leave.
 */
@ExtendWith(KafkaExtension.class)
class ClientsLeaveIT {
    private static final int LEAVING = 2_000;
    private static final int AT_ONCE = 6;
    private static final long SEED = System.nanoTime();
    private static final byte[] LARGE = randomBytes(SEED);
    private static final byte[] OTHER = randomBytes(SEED + 1);
    private static final List<String> BLOBS =
            List.of("/v2/a/large/blobs/" + Digest.sha256(LARGE), "/v2/a/other/blobs/" + Digest.sha256(OTHER));
    private static final List<String> MANIFESTS = List.of("/v2/a/large/manifests/v1", "/v2/a/other/manifests/v1");
    /** Who would tell of a client; what others tell of is none of its doing. */
    private static final List<String> LOGGERS = List.of(
            "dev.precast.serving.routes",
            "dev.precast.serving.server",
            "dev.precast.serving.upstream",
            "org.eclipse.jetty",
            "io.javalin");

    private final FakeUpstream upstream = new FakeUpstream();
    private final AtomicInteger sending = new AtomicInteger();
    private final AtomicInteger brokenOff = new AtomicInteger();
    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Thread.UncaughtExceptionHandler before;

    @BeforeEach
    void listen() {
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
        log.start();
        root().addAppender(log);
        for (String blob : BLOBS) {
            upstream.on(blob, counted(FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, body(blob))));
        }
        for (String manifest : MANIFESTS) {
            upstream.on(manifest, counted(FakeUpstream.bytes(200, MediaTypes.SCHEMA2, body(manifest))));
        }
    }

    @AfterEach
    void close() {
        root().detachAppender(log);
        Thread.setDefaultUncaughtExceptionHandler(before);
        upstream.close();
    }

    @Test
    void midBlob(KafkaConfig kafka, @TempDir Path data) throws Exception {
        try (Serving serving = start(kafka, data)) {
            leave(serving, BLOBS);
            nothingStays(serving);
            assertThat(whole(serving, BLOBS.get(0))).isEqualTo(Digest.sha256(LARGE));
        }
    }

    /** What is no blob is copied by a thread, not handed on piece by piece. */
    @Test
    void midManifest(KafkaConfig kafka, @TempDir Path data) throws Exception {
        try (Serving serving = start(kafka, data)) {
            leave(serving, MANIFESTS);
            nothingStays(serving);
            assertThat(whole(serving, MANIFESTS.get(0))).isEqualTo(Digest.sha256(LARGE));
        }
    }

    /** However full the machine's disk is. */
    private Serving start(KafkaConfig kafka, Path data) {
        return Serving.start(
                        kafka,
                        upstream.url(),
                        data,
                        "serving.disk.alert.percent",
                        "100",
                        "serving.disk.stop.percent",
                        "100")
                .ready();
    }

    private static Digest whole(Serving serving, String path) throws Exception {
        return Digest.sha256(serving.http().get(path).body().getBytes(StandardCharsets.ISO_8859_1));
    }

    private void leave(Serving serving, List<String> paths) throws Exception {
        System.out.println("ClientsLeaveIT: seed " + SEED);
        Random random = new Random(SEED);
        List<Callable<String>> leaving = new ArrayList<>();
        for (int i = 0; i < LEAVING; i++) {
            int bytes = random.nextInt(4) == 0 ? 0 : random.nextInt(1 << random.nextInt(1, 20));
            String path = paths.get(random.nextInt(paths.size()));
            boolean reset = random.nextBoolean();
            leaving.add(() -> readSome(serving.app().address(), path, bytes, reset));
        }
        ExecutorService clients = Executors.newFixedThreadPool(AT_ONCE);
        List<String> wrong = new ArrayList<>();
        try {
            for (Future<String> client : clients.invokeAll(leaving)) {
                wrong.add(client.get());
            }
        } finally {
            clients.shutdown();
        }
        assertThat(wrong.stream().filter(seen -> !seen.isEmpty())).isEmpty();
    }

    /**
     * Reads the beginning of an answer, and leaves.
     *
     * @param bytes of the body; none to leave before there is an answer
     * @return what was wrong with it, empty if nothing was
     */
    private static String readSome(InetSocketAddress server, String path, int bytes, boolean reset) {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(8 << 10);
            socket.connect(server);
            socket.setSoTimeout(20_000);
            String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            String wrong = bytes == 0 ? "" : answer(socket.getInputStream(), body(path), bytes);
            if (reset) {
                socket.setSoLinger(true, 0);
            }
            return wrong;
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String answer(InputStream in, byte[] expected, int bytes) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "ended after " + head;
            }
            head.append((char) next);
        }
        if (!head.toString().startsWith("HTTP/1.1 200 ")) {
            return head.toString();
        }
        byte[] seen = in.readNBytes(bytes);
        int different = Arrays.mismatch(seen, 0, seen.length, expected, 0, bytes);
        return different < 0 ? "" : "byte " + different + " of " + bytes + " is not that of the body";
    }

    private static byte[] body(String path) {
        return path.contains("/large/") ? LARGE : OTHER;
    }

    private static byte[] randomBytes(long seed) {
        byte[] bytes = new byte[6 << 20];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void nothingStays(Serving serving) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(gauge(serving, "precast.serving.transfers")).isZero();
            assertThat(gauge(serving, "precast.serving.connections")).isZero();
            assertThat(sending.get()).as("bodies that the upstream still sends").isZero();
            assertThat(requests(serving)).isEqualTo(LEAVING);
        });
        assertThat(brokenOff.get()).as("bodies that were cancelled").isPositive();
        assertThat(uncaught).isEmpty();
        assertThat(log.list.stream()
                        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                        .filter(event -> LOGGERS.stream().anyMatch(event.getLoggerName()::startsWith))
                        .map(ILoggingEvent::getFormattedMessage))
                .as("that a client left is no news")
                .isEmpty();
    }

    private FakeUpstream.Reply counted(FakeUpstream.Reply reply) {
        return exchange -> {
            sending.incrementAndGet();
            try {
                reply.send(exchange);
            } catch (IOException e) {
                brokenOff.incrementAndGet();
                throw e;
            } finally {
                sending.decrementAndGet();
            }
        };
    }

    private static double gauge(Serving serving, String name) {
        return serving.meters().get(name).gauge().value();
    }

    private static long requests(Serving serving) {
        return serving.meters().find("precast.serving.requests").timers().stream()
                .mapToLong(io.micrometer.core.instrument.Timer::count)
                .sum();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }
}
