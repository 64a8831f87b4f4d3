package dev.precast.serving;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.VariantManifest;
import dev.precast.serving.freshness.FreshnessConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Http;
import dev.precast.serving.support.Images;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.VariantTopic;
import dev.precast.testkit.KafkaExtension;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What clients may take, and that ordinary ones get what they want while others take it. */
@ExtendWith(KafkaExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LimitsIT {
    private static final String MANIFEST = "/v2/library/hello/manifests/v1";
    private static final byte[] LARGE = new byte[16 << 20];
    private static final String BLOB = "/v2/a/b/blobs/" + Digest.sha256(LARGE);

    private final VariantManifest schema1 = Images.schema1("library/hello", "v1");
    private final FakeUpstream upstream = new FakeUpstream().readable("library/hello");
    private final List<Socket> sockets = new ArrayList<>();
    private VariantTopic topic;

    @BeforeAll
    void publish(KafkaConfig kafka) {
        topic = new VariantTopic(kafka);
        topic.enable("library/*");
        topic.publish(10, schema1);
        topic.publish(10, Images.offers("library/hello", "v1", 10, MediaTypes.SCHEMA2, schema1));
        upstream.on(BLOB, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, LARGE));
    }

    @AfterEach
    void closeSockets() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        sockets.clear();
    }

    @AfterAll
    void stop() {
        topic.close();
        upstream.close();
    }

    @Test
    void headersThatTrickle_areClosed(KafkaConfig kafka, @TempDir Path data) throws IOException {
        try (Serving serving = start(kafka, data, FrontConfig.HEADERS_TIMEOUT, "3000")) {
            Socket trickling = connect(serving, "127.0.0.1");
            Socket silent = connect(serving, "127.0.0.1");
            Socket second = connect(serving, "127.0.0.1");
            send(second, "GET " + MANIFEST + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(second.getInputStream().read(new byte[64 << 10])).isPositive();
            send(second, "GET /v2/");
            send(trickling, "GET /v2/ HTTP/1.1\r\nHost: ");
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                trickle(trickling);
                trickle(second);
                return closed(trickling) && closed(silent) && closed(second);
            });
            assertThat(closed(serving, "headers")).isEqualTo(3);
            assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
        }
    }

    /** It has asked before, and may keep its connection while it has nothing to ask. */
    @Test
    void idleConnection_outlivesTheTimeOfHeaders(KafkaConfig kafka, @TempDir Path data) throws Exception {
        try (Serving serving = start(kafka, data, FrontConfig.HEADERS_TIMEOUT, "2000")) {
            Socket idle = connect(serving, "127.0.0.1");
            byte[] answer = new byte[64 << 10];
            for (int i = 0; i < 2; i++) {
                send(idle, "GET " + MANIFEST + " HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(idle.getInputStream().read(answer)).isPositive();
                TimeUnit.MILLISECONDS.sleep(4_000);
            }
            send(idle, "GET " + MANIFEST + " HTTP/1.1\r\nHost: a\r\n\r\n");
            assertThat(idle.getInputStream().read(answer)).isPositive();
        }
    }

    @Test
    void connectionsOfOneAddress_areBounded(KafkaConfig kafka, @TempDir Path data) throws IOException {
        try (Serving serving = start(kafka, data, FrontConfig.CONNECTIONS_PER_ADDRESS, "5")) {
            List<Socket> many = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                many.add(connect(serving, "127.0.0.2"));
            }
            await().until(() -> many.stream().filter(LimitsIT::closed).count() == 4);
            assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
        }
    }

    @Test
    void allConnections_areBoundedAndTheSilentMakeRoom(KafkaConfig kafka, @TempDir Path data) throws IOException {
        try (Serving serving = start(kafka, data, FrontConfig.CONNECTIONS, "10")) {
            List<Socket> many = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                many.add(connect(serving, "127.0.0." + (2 + i)));
            }
            for (int i = 0; i < 5; i++) {
                assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
            }
            await().until(() -> many.stream().filter(LimitsIT::closed).count() >= 20);
        }
    }

    @Test
    void blobsThatNobodyReads_leaveOthersAlone(KafkaConfig kafka, @TempDir Path data) throws IOException {
        try (Serving serving =
                start(kafka, data, FrontConfig.STALL_TIMEOUT, "5000", FrontConfig.CONNECTIONS_PER_ADDRESS, "0")) {
            for (int i = 0; i < 40; i++) {
                Socket socket = connect(serving, "127.0.0.1");
                send(socket, "GET " + BLOB + " HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
            }
            assertThat(serving.http().head(BLOB).header("Content-Length")).hasValue(Integer.toString(LARGE.length));
            await().atMost(Duration.ofSeconds(30)).until(() -> counted(serving, "blob", "broken", 0) == 40);
            assertThat(serving.http().get(BLOB).body()).hasSize(LARGE.length);
        }
    }

    /** Each answer is taken within a second, but the connection takes next to nothing: it holds a manifest's place all the time. */
    @Test
    void answersThatAreHardlyRead_giveTheirPlacesBack(KafkaConfig kafka, @TempDir Path data) throws Exception {
        byte[] large = new byte[2 << 20];
        upstream.readable("large/app").on("/v2/large/app/manifests/v1", FakeUpstream.bytes(200, "text/plain", large));
        String[] settings = {
            FrontConfig.STALL_TIMEOUT, "5000", FrontConfig.MANIFESTS, "4", FrontConfig.CONNECTIONS_PER_ADDRESS, "0"
        };
        try (Serving serving = start(kafka, data, settings)) {
            assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
            String pipelined = ("GET " + MANIFEST + " HTTP/1.1\r\nHost: a\r\n\r\n").repeat(1_500);
            String relayed = "GET /v2/large/app/manifests/v1 HTTP/1.1\r\nHost: a\r\n\r\n";
            for (String requests : List.of(pipelined, pipelined, relayed, relayed)) {
                send(connect(serving, "127.0.0.1"), requests);
            }
            await().until(() -> serving.http().get(MANIFEST).status() == 429);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                sockets.forEach(LimitsIT::readALittle);
                return closed(serving, "stalled") == 4;
            });
            await().until(() -> serving.http().get(MANIFEST).status() == 200);
        }
    }

    @Test
    void tooManyAtOnce_areRefusedAtOnce(KafkaConfig kafka, @TempDir Path data) {
        CountDownLatch go = new CountDownLatch(1);
        upstream.on("/v2/slow/app/manifests/x", exchange -> {
            hold(go);
            FakeUpstream.json(200, "{}").send(exchange);
        });
        upstream.on("/v2/slow/app/tags/list", FakeUpstream.json(200, "{}"));
        try (Serving serving =
                start(kafka, data, FrontConfig.MANIFESTS, "4", ServingConfig.REGISTRY_TIMEOUT, "60000")) {
            Http http = serving.http();
            List<CompletableFuture<Http.Response>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(CompletableFuture.supplyAsync(
                        () -> http.get("/v2/slow/app/manifests/x"), task -> new Thread(task).start()));
            }
            await().until(() ->
                    answers.stream().filter(CompletableFuture::isDone).count() == 36);
            assertThat(http.get("/v2/slow/app/tags/list").status()).isEqualTo(200);
            // Manifests go first: while they are many, blobs have to wait.
            assertThat(http.get(BLOB).status()).isEqualTo(429);
            go.countDown();
            List<Http.Response> all =
                    answers.stream().map(CompletableFuture::join).toList();
            assertThat(all.stream().filter(answer -> answer.status() == 200)).hasSize(4);
            assertThat(all.stream().filter(answer -> answer.status() == 429))
                    .hasSize(36)
                    .allSatisfy(refused -> {
                        assertThat(refused.header("Retry-After")).hasValue("1");
                        assertThat(refused.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
                        assertThat(refused.body()).contains("\"TOOMANYREQUESTS\"");
                    });
            assertThat(http.get("/v2/slow/app/manifests/x").status()).isEqualTo(200);
        } finally {
            go.countDown();
        }
    }

    /** The empty layer is Precast's own, but who may have it the upstream is asked, and there is no end of credentials to ask about. */
    @Test
    void blobsWhoseReadersAreAskedAbout_leaveManifestsTheirThreads(KafkaConfig kafka, @TempDir Path data) {
        int blobs = 80;
        CountDownLatch go = new CountDownLatch(1);
        String question = "/v2/slow/layers/tags/list";
        upstream.on(question, exchange -> {
            hold(go);
            FakeUpstream.json(200, "{}").send(exchange);
        });
        topic.enable("slow/layers");
        String[] few = {
            FrontConfig.MANIFESTS,
            "4",
            FrontConfig.AUTH,
            "1",
            FrontConfig.LISTS,
            "1",
            FrontConfig.CONNECTIONS_PER_ADDRESS,
            "0",
            ServingConfig.REGISTRY_TIMEOUT,
            "60000"
        };
        try (Serving serving = start(kafka, data, few)) {
            Http http = serving.http();
            assertThat(http.get(MANIFEST).status()).isEqualTo(200);
            List<CompletableFuture<Http.Response>> answers = new ArrayList<>();
            for (int i = 0; i < blobs; i++) {
                String credential = "Authorization: Basic " + i;
                answers.add(CompletableFuture.supplyAsync(
                        () -> http.get("/v2/slow/layers/blobs/" + Digest.EMPTY_LAYER, credential),
                        task -> new Thread(task).start()));
            }
            await().until(() -> upstream.asked(question + "?n=1").size() >= blobs);
            assertThat(http.get(MANIFEST).status()).isEqualTo(200);
            assertThat(answers).noneMatch(CompletableFuture::isDone);
            go.countDown();
            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(200));
        } finally {
            go.countDown();
        }
    }

    @Test
    void errorWhileDeciding_givesThePlaceBack(KafkaConfig kafka, @TempDir Path data) {
        String[] few = {FrontConfig.MANIFESTS, "3", FreshnessConfig.WAIT, "1"};
        topic.enable("pending/app");
        upstream.readable("pending/app").on("/v2/pending/app/manifests/v1", exchange -> {
            exchange.getResponseHeaders().set("Docker-Content-Digest", Images.ROOT.toString());
            FakeUpstream.bytes(200, MediaTypes.SCHEMA2, new byte[] {'{', '}'}).send(exchange);
        });
        try (Serving serving = start(kafka, data, few)) {
            serving.meters().config().meterFilter(new MeterFilter() {
                @Override
                public Meter.Id map(Meter.Id id) {
                    if (id.getName().equals("precast.serving.refusals")) {
                        throw new StackOverflowError("on purpose");
                    }
                    return id;
                }
            });
            for (int i = 0; i < 6; i++) {
                Http.Response broken = serving.http().get("/v2/pending/app/manifests/v1");
                assertThat(broken.status()).isEqualTo(500);
                assertThat(broken.body()).contains("\"UNKNOWN\"");
            }
            assertThat(serving.http().get(MANIFEST).status()).isEqualTo(200);
        }
    }

    @Test
    void headersAndPaths_areBounded(KafkaConfig kafka, @TempDir Path data) {
        try (Serving serving = start(kafka, data)) {
            String[] many = new String[100];
            java.util.Arrays.setAll(many, i -> "X-Number-" + i + ": " + i);
            Http.Response headers = serving.http().get(MANIFEST, many);
            assertThat(headers.status()).isEqualTo(431);
            assertThat(headers.body()).contains("\"UNSUPPORTED\"");
            Http.Response path = serving.http().get(MANIFEST + "?x=" + "y".repeat(9_000));
            assertThat(path.status()).isEqualTo(414);
            assertThat(path.header("Content-Type")).hasValue(RegistryError.CONTENT_TYPE);
            assertThat(path.headers()).doesNotContainKey("server");
        }
    }

    @Test
    void ending_finishesWhatIsUnderWay(KafkaConfig kafka, @TempDir Path data) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        upstream.on("/v2/slow/app/manifests/y", exchange -> {
            asked.countDown();
            hold(go);
            FakeUpstream.json(200, "{}").send(exchange);
        });
        Serving serving = start(kafka, data, FrontConfig.DRAIN, "20000", ServingConfig.REGISTRY_TIMEOUT, "60000");
        Http http = serving.http();
        CompletableFuture<Http.Response> answer = CompletableFuture.supplyAsync(
                () -> http.get("/v2/slow/app/manifests/y"), task -> new Thread(task).start());
        hold(asked);
        Thread end = new Thread(serving::close);
        end.start();
        await().until(() -> !serving.app().health().ready());
        assertThat(serving.app().health().live()).isTrue();
        go.countDown();
        assertThat(answer.get(20, TimeUnit.SECONDS).status()).isEqualTo(200);
        end.join(20_000);
        assertThat(end.isAlive()).isFalse();
    }

    /** Jetty's own time for what is slow while it ends is one second. */
    @Test
    void ending_waitsForASlowReader(KafkaConfig kafka, @TempDir Path data) throws Exception {
        Serving serving = start(kafka, data, FrontConfig.DRAIN, "20000");
        Socket slow = connect(serving, "127.0.0.1");
        send(slow, "GET " + BLOB + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(slow.getInputStream().read()).isEqualTo('H');
        Thread end = new Thread(serving::close);
        end.start();
        await().until(() -> !serving.app().health().ready());
        TimeUnit.MILLISECONDS.sleep(3_000);
        assertThat(slow.getInputStream().readAllBytes()).hasSizeGreaterThan(LARGE.length);
        end.join(20_000);
        assertThat(end.isAlive()).isFalse();
    }

    private Serving start(KafkaConfig kafka, Path data, String... settings) {
        return Serving.start(kafka, upstream.url(), data, settings).ready();
    }

    private Socket connect(Serving serving, String from) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 << 10);
        socket.bind(new java.net.InetSocketAddress(InetAddress.getByName(from), 0));
        socket.connect(serving.app().address());
        socket.setSoTimeout(20_000);
        sockets.add(socket);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    private static void trickle(Socket socket) {
        try {
            send(socket, "a");
        } catch (IOException e) {
            // Closed by the other side: what the caller waits for.
        }
    }

    private static boolean closed(Socket socket) {
        try {
            socket.setSoTimeout(1);
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static void readALittle(Socket socket) {
        try {
            socket.setSoTimeout(1);
            socket.getInputStream().readNBytes(512);
        } catch (IOException e) {
            // Nothing there, or closed by the other side: what the caller waits for.
        }
    }

    private static double closed(Serving serving, String reason) {
        return serving.meters().find("precast.serving.connections.closed").tag("reason", reason).counters().stream()
                .mapToDouble(io.micrometer.core.instrument.Counter::count)
                .sum();
    }

    private static long counted(Serving serving, String route, String origin, int status) {
        return serving
                .meters()
                .find("precast.serving.requests")
                .tag("route", route)
                .tag("origin", origin)
                .tag("status", Integer.toString(status))
                .timers()
                .stream()
                .mapToLong(io.micrometer.core.instrument.Timer::count)
                .sum();
    }
}
