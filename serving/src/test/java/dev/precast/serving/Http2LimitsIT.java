package dev.precast.serving;

import static dev.precast.serving.support.Latches.hold;
import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.serving.support.FakeUpstream;
import dev.precast.serving.support.Serving;
import dev.precast.serving.support.TestTls;
import io.micrometer.core.instrument.Timer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients may take over HTTP/2. */
class Http2LimitsIT extends BetweenTopicAndUpstream {
    private static final byte[] LARGE = new byte[4 << 20];
    private static final String BLOB = "/v2/a/b/blobs/" + Digest.sha256(LARGE);
    private static final String WINDOW = "jdk.httpclient.windowsize";

    @TempDir
    private Path keys;

    Http2LimitsIT(KafkaConfig kafka) {
        super(kafka);
    }

    @Test
    void connectionThatAsksForNothing_isClosedInTheTimeOfHeaders() throws Exception {
        try (Serving serving = start2(FrontConfig.HEADERS_TIMEOUT, "5000");
                SSLSocket socket = connect2(serving)) {
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // SETTINGS
            socket.getOutputStream().flush();
            drain(socket);
            assertThat(serving.meters()
                            .get("precast.serving.connections.closed")
                            .tag("reason", "headers")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void idleConnections_makeRoom() throws Exception {
        try (Serving serving = start2(FrontConfig.CONNECTIONS, "3")) {
            List<HttpClient> idle = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                HttpClient client = client();
                idle.add(client);
                HttpResponse<String> response = client.send(get(serving, "/v2/"), BodyHandlers.ofString());
                assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(response.statusCode()).isEqualTo(200);
            }
            assertThat(idle).hasSize(6);
        }
    }

    @Test
    void streamThatNobodyReads_isReset_andTheOthersGoOn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        upstream.on(BLOB, FakeUpstream.bytes(200, MediaTypes.OCTET_STREAM, LARGE));
        upstream.on("/v2/slow/app/manifests/v1", exchange -> {
            hold(go);
            FakeUpstream.json(200, "{}").send(exchange);
        });
        System.setProperty(WINDOW, "65535");
        try (Serving serving = start2(FrontConfig.STALL_TIMEOUT, "1500", ServingConfig.REGISTRY_TIMEOUT, "60000")) {
            HttpClient client = client();
            client.send(get(serving, "/v2/"), BodyHandlers.ofString());
            CompletableFuture<HttpResponse<String>> other =
                    client.sendAsync(get(serving, "/v2/slow/app/manifests/v1"), BodyHandlers.ofString());
            ReadsLate late = new ReadsLate(new CompletableFuture<>(), new CompletableFuture<>());
            var unused = client.sendAsync(get(serving, BLOB), BodyHandlers.fromSubscriber(late));
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> broken(serving) == 1);
            late.subscription().get(20, TimeUnit.SECONDS).request(Long.MAX_VALUE);
            assertThat(late.failure().get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
            go.countDown();
            assertThat(other.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        } finally {
            System.clearProperty(WINDOW);
            go.countDown();
        }
    }

    @Test
    void answersThatNobodyTakes_giveTheirPlacesBack() throws Exception {
        try (Serving serving = start2(FrontConfig.STALL_TIMEOUT, "1500", FrontConfig.LISTS, "2");
                SSLSocket socket = connect2(serving)) {
            OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[] {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0}); // SETTINGS_INITIAL_WINDOW_SIZE 0
            byte[] target = "/v2/_catalog?n=x".getBytes(StandardCharsets.US_ASCII); // Which is answered with an error.
            for (byte stream : new byte[] {1, 3}) {
                // HEADERS with :method GET, :scheme https, :authority x, and :path (RFC 7541, appendix A).
                out.write(new byte[] {0, 0, (byte) (7 + target.length), 1, 5, 0, 0, 0, stream});
                out.write(new byte[] {(byte) 0x82, (byte) 0x87, 1, 1, 'x', 4, (byte) target.length});
                out.write(target);
            }
            out.flush();
            Set<Integer> reset = new TreeSet<>();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (reset.size() < 2) {
                int lengthAndType = in.readInt();
                in.readByte(); // Flags.
                int stream = in.readInt();
                in.readFully(new byte[lengthAndType >>> 8]);
                if ((lengthAndType & 0xff) == 3) { // RST_STREAM
                    reset.add(stream);
                } else {
                    // As often as not to be idle.
                    out.write(new byte[] {0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1}); // WINDOW_UPDATE of the connection
                    out.flush();
                }
            }
            assertThat(reset).containsExactly(1, 3);
            HttpResponse<String> next = client().send(get(serving, "/v2/_catalog?n=x"), BodyHandlers.ofString());
            assertThat(next.statusCode()).isEqualTo(400);
        }
    }

    /** Takes nothing until somebody asks for it. */
    private record ReadsLate(CompletableFuture<Flow.Subscription> subscription, CompletableFuture<Throwable> failure)
            implements Flow.Subscriber<List<ByteBuffer>> {
        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription.complete(given);
        }

        @Override
        public void onNext(List<ByteBuffer> item) {}

        @Override
        public void onError(Throwable gone) {
            failure.complete(gone);
        }

        @Override
        public void onComplete() {
            failure.complete(new AssertionError("The blob was sent to its end."));
        }
    }

    private static long broken(Serving serving) {
        return serving
                .meters()
                .find("precast.serving.requests")
                .tags("route", "blob", "origin", "broken", "status", "0")
                .timers()
                .stream()
                .mapToLong(Timer::count)
                .sum();
    }

    private Serving start2(String... settings) throws Exception {
        TestTls.write(keys, "precast");
        return start(Serving.plus(
                settings,
                FrontConfig.TLS_CERTIFICATE,
                keys.resolve(TestTls.CERTIFICATE).toString(),
                FrontConfig.TLS_KEY,
                keys.resolve(TestTls.KEY).toString(),
                FrontConfig.HTTP2,
                "true"));
    }

    private static SSLSocket connect2(Serving serving) throws IOException {
        SSLSocket socket = (SSLSocket) TestTls.trusting().getSocketFactory().createSocket();
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"h2"});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.connect(serving.app().address());
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        return socket;
    }

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .sslContext(TestTls.trusting())
                .version(HttpClient.Version.HTTP_2)
                .build();
    }

    private static HttpRequest get(Serving serving, String path) {
        URI url = URI.create("https://127.0.0.1:" + serving.app().address().getPort() + path);
        return HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(30)).build();
    }

    private static void drain(SSLSocket socket) throws IOException {
        byte[] buffer = new byte[1024];
        while (socket.getInputStream().read(buffer) >= 0) {
            assertThat(socket.isConnected()).isTrue();
        }
    }
}
