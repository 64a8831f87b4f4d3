package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // each test starts its own
class SlowSendersTest {
    private static final String HEAD = "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{";
    private static final String EVENT = "{\"events\":[{\"action\":\"scan\"}]}";

    private final List<Socket> sockets = new ArrayList<>();
    private Door door;

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        door.close();
    }

    /** Jetty has 250 threads at most: every one would wait for a body, were it read by a thread. */
    @Test
    void bodiesUnderWay_holdNoThreads() throws Exception {
        start(Duration.ofMinutes(1));
        for (int i = 0; i < 400; i++) {
            open().getOutputStream().write(HEAD.getBytes(StandardCharsets.US_ASCII));
        }

        HttpResponse<Void> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door.port() + "/events"))
                                .timeout(Duration.ofSeconds(20))
                                .POST(HttpRequest.BodyPublishers.ofString(EVENT))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST /events HTTP/1.1\r\nHo", HEAD, ""})
    void requestThatTrickles_isCutOff(String start) throws Exception {
        start(Duration.ofMillis(400));
        Socket socket = open();
        socket.getOutputStream().write(start.getBytes(StandardCharsets.US_ASCII));

        assertThat(trickledUntilClosed(socket)).isTrue();
    }

    @Test
    void connectionThatIsIdleBetweenRequests_isLeftAlone() throws Exception {
        start(Duration.ofMillis(1500));
        post(open()); // The first takes longer.
        Socket socket = open();
        assertThat(post(socket)).startsWith("HTTP/1.1 200");
        Thread.sleep(3000);
        assertThat(post(socket)).startsWith("HTTP/1.1 200");
    }

    private static String post(Socket socket) throws IOException {
        socket.getOutputStream()
                .write(("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: " + EVENT.length() + "\r\n\r\n" + EVENT)
                        .getBytes(StandardCharsets.US_ASCII));
        return head(socket.getInputStream());
    }

    private void start(Duration limit) {
        door = Door.open(Map.of("ingest.secrets", ""), limit);
    }

    private Socket open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port());
        sockets.add(socket);
        return socket;
    }

    /** A byte every 50 ms; whether the other side ends it before it would have to, at the idle timeout. */
    private static boolean trickledUntilClosed(Socket socket) throws Exception {
        socket.setSoTimeout(50);
        for (int i = 0; i < 300; i++) {
            try {
                socket.getOutputStream().write('x');
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException e) {
                assertThat(socket.isClosed()).isFalse(); // Nothing to read yet.
            } catch (IOException e) {
                return true;
            }
        }
        return false;
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return head.toString();
            }
            head.append((char) next);
        }
        return head.toString();
    }
}
