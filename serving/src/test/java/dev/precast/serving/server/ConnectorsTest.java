package dev.precast.serving.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectorsTest {
    private static final int ANSWER = 16 << 20;
    private static final int RECEIVE_BUFFER = 8 << 10;

    private final Server server = new Server();
    private ServerConnector connector;

    @BeforeEach
    void start() throws Exception {
        Connections connections =
                new Connections(new Connections.Limits(10, 0, 1L << 60, 1L << 60), System::nanoTime, why -> {});
        connector = Connectors.of(server, new HttpConfiguration(), connections, null, false, Duration.ofSeconds(30));
        connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) {
                response.write(true, ByteBuffer.allocate(ANSWER), callback);
                return true;
            }
        });
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void clientThatReadsNothing_isSentLittle_andOneThatReadsGetsMoreAtATime() throws Exception {
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(RECEIVE_BUFFER);
            client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
            client.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            await().until(() -> connector.getConnectedEndPoints().stream().anyMatch(ConnectorsTest::isBlocked));
            CountedEndPoint endPoint = (CountedEndPoint)
                    connector.getConnectedEndPoints().iterator().next();
            assertThat(endPoint.taken()).isBetween(1L, 256L << 10);
            int before = endPoint.getChannel().getOption(StandardSocketOptions.SO_SNDBUF);

            InputStream answer = client.getInputStream();
            assertThat(answer.readNBytes(1 << 20)).hasSize(1 << 20);
            // The system counts its own part in, so that it says twice what it was told.
            assertThat(endPoint.getChannel().getOption(StandardSocketOptions.SO_SNDBUF))
                    .isGreaterThanOrEqualTo(4 * before);
            client.setSoTimeout(30_000);
            assertThat(answer.readNBytes(ANSWER - (1 << 20))).hasSizeGreaterThan(ANSWER - (2 << 20));
        }
    }

    private static boolean isBlocked(EndPoint endPoint) {
        return ((CountedEndPoint) endPoint).blocked();
    }
}
