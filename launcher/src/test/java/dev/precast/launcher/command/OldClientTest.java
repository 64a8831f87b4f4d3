package dev.precast.launcher.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpServer;
import dev.precast.schemas.image.Reference;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OldClientTest {
    private static final Reference REFERENCE = Reference.parse("team/app:1.0");

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v2/team/app/manifests/1.0", exchange -> {
                    exchange.sendResponseHeaders(200, 2);
                    exchange.getResponseBody().write(new byte[] {'{', '}'});
                    exchange.close();
                })
                .setAuthenticator(new BasicAuthenticator("registry") {
                    @Override
                    public boolean checkCredentials(String name, String password) {
                        return name.equals("auditor") && password.equals("pass:word");
                    }
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void pull_sendsTheAccount() throws Exception {
        assertThat(OldClient.pull(url(), REFERENCE, "auditor:pass:word").content())
                .hasSize(2);
    }

    @Test
    void pull_withoutAnAccount_saysHowToNameOne() {
        assertThatThrownBy(() -> OldClient.pull(url(), REFERENCE, null))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("401")
                .hasMessageContaining("--user");
        assertThatThrownBy(() -> OldClient.pull(url(), REFERENCE, "auditor:wrong"))
                .hasMessageContaining("401")
                .hasMessageNotContaining("wrong");
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }
}
