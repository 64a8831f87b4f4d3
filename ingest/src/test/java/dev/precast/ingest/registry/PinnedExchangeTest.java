package dev.precast.ingest.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.precast.ingest.registry.Answer.Cause;
import dev.precast.testkit.TestCertificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The host {@code blobs.example} is in no name service: only the given address can lead to it. */
class PinnedExchangeTest {
    private static final byte[] BLOB = "a blob".getBytes(StandardCharsets.UTF_8);

    private final TestCertificates authority = TestCertificates.authority("ours");
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> outcomes = new ArrayList<>();
    private HttpsServer server;
    private PinnedExchange exchange;

    @BeforeEach
    void start() throws Exception {
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(serverContext(authority.issue("blobs.example"))));
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
        exchange = new PinnedExchange(clientSockets(), (operation, outcome, time) -> outcomes.add(outcome));
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void get_goesToTheGivenAddress_withoutCredentials() throws Exception {
        Reply reply = get("blobs.example", "/right", loopback());

        assertThat(reply.statusCode()).isEqualTo(200);
        assertThat(reply.body().bytes()).isEqualTo(BLOB);
        assertThat(reply.body().complete()).isTrue();
        assertThat(reply.headers().firstValue("Content-Type")).contains("application/octet-stream");
        assertThat(requests).containsExactly("GET blobs.example:" + port() + " /right identity");
        assertThat(outcomes).containsExactly("200");
    }

    @Test
    void get_triesTheNextAddress_whenOneDoesNotTakeConnections() throws Exception {
        InetAddress nobody = InetAddress.getByName("127.0.0.9"); // The server listens on 127.0.0.1 alone.

        assertThat(get("blobs.example", "/right", nobody, loopback()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void certificateOfAnotherName_isNotAccepted() {
        assertThat(failure("other.example", "/right")).isEqualTo(Cause.UNREACHABLE);
        assertThat(requests).isEmpty();
    }

    @Test
    void redirect_isGivenBackAndNotFollowed() throws Exception {
        Reply reply = get("blobs.example", "/redirect", loopback());

        assertThat(reply.statusCode()).isEqualTo(307);
        assertThat(reply.headers().firstValue("Location")).contains("/right");
        assertThat(requests).hasSize(1);
    }

    @Test
    void headerInTwoSpellings_isOneHeader() throws Exception {
        SSLContext context = serverContext(authority.issue("blobs.example"));
        try (ServerSocket raw = context.getServerSocketFactory().createServerSocket(0, 1, loopback())) {
            var unused = threads.submit(() -> {
                try (Socket client = raw.accept()) {
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
                    assertThat(lines.lines().takeWhile(line -> !line.isEmpty())).isNotEmpty();
                    client.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nVia: one\r\nContent-Length: 0\r\nvia: two\r\n\r\n"
                                    .getBytes(StandardCharsets.ISO_8859_1));
                }
                return null;
            });
            Reply reply = exchange.get(
                    URI.create("https://blobs.example:" + raw.getLocalPort() + "/"),
                    List.of(loopback()),
                    100,
                    Deadline.after(Duration.ofSeconds(10)));

            assertThat(reply.statusCode()).isEqualTo(200);
            assertThat(reply.headers().allValues("VIA")).containsExactlyInAnyOrder("one", "two");
        }
    }

    @Test
    void portThatIsNone_isAFailure() {
        assertThatThrownBy(() -> exchange.get(
                        URI.create("https://blobs.example:99999/right"),
                        List.of(loopback()),
                        100,
                        Deadline.after(Duration.ofSeconds(2))))
                .isInstanceOf(Exchange.FailedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/large", "/large-in-chunks"})
    void largerBody_isIncomplete(String path) throws Exception {
        assertThat(get("blobs.example", path, loopback()).body().complete()).isFalse();
    }

    @Test
    void shorterBodyThanAnnounced_isAFailure() {
        assertThat(failure("blobs.example", "/cut")).isEqualTo(Cause.UNREACHABLE);
    }

    @Test
    void notFound_isGivenBackWithItsBody() throws Exception {
        Reply reply = get("blobs.example", "/missing", loopback());

        assertThat(reply.statusCode()).isEqualTo(404);
        assertThat(reply.body().bytes()).isEqualTo(BLOB);
    }

    @Test
    void answerThatTrickles_isCutOff() {
        assertThat(failure("blobs.example", "/trickle")).isEqualTo(Cause.TIMEOUT);
        assertThat(outcomes).containsExactly("timeout");
    }

    private Reply get(String host, String path, InetAddress... addresses) throws Exchange.FailedException {
        return exchange.get(
                URI.create("https://" + host + ":" + port() + path),
                List.of(addresses),
                100,
                Deadline.after(Duration.ofSeconds(2)));
    }

    private Cause failure(String host, String path) {
        List<Cause> causes = new ArrayList<>();
        assertThatThrownBy(() -> {
                    try {
                        get(host, path, loopback());
                    } catch (Exchange.FailedException e) {
                        causes.add(e.failure());
                        throw e;
                    }
                })
                .isInstanceOf(Exchange.FailedException.class);
        return causes.get(0);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private static InetAddress loopback() {
        return InetAddress.getLoopbackAddress();
    }

    private void answer(HttpExchange asked) throws IOException {
        requests.add(asked.getRequestMethod() + " " + asked.getRequestHeaders().getFirst("Host") + " "
                + asked.getRequestURI() + " " + asked.getRequestHeaders().getFirst("Accept-Encoding")
                + (asked.getRequestHeaders().containsKey("Authorization") ? " with credentials" : ""));
        asked.getResponseHeaders().set("Content-Type", "application/octet-stream");
        try (asked) {
            switch (asked.getRequestURI().getPath()) {
                case "/redirect" -> {
                    asked.getResponseHeaders().set("Location", "/right");
                    asked.sendResponseHeaders(307, -1);
                }
                case "/large" -> send(asked, 200, new byte[101], 101);
                case "/large-in-chunks" -> send(asked, 200, new byte[101], 0);
                case "/cut" -> send(asked, 200, BLOB, BLOB.length + 1);
                case "/missing" -> send(asked, 404, BLOB, BLOB.length);
                case "/trickle" -> trickle(asked);
                default -> send(asked, 200, BLOB, BLOB.length);
            }
        }
    }

    private static void send(HttpExchange asked, int status, byte[] body, int length) throws IOException {
        asked.sendResponseHeaders(status, length);
        asked.getResponseBody().write(body);
    }

    private static void trickle(HttpExchange asked) throws IOException {
        asked.sendResponseHeaders(200, 90);
        try {
            for (int i = 0; i < 90; i++) {
                asked.getResponseBody().write('x');
                asked.getResponseBody().flush();
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static SSLContext serverContext(TestCertificates own) throws Exception {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own.keyStore(), new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private SSLSocketFactory clientSockets() throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trustStore());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }
}
