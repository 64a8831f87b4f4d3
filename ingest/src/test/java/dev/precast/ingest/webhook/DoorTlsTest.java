package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.precast.testkit.TestCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events over TLS, with and without certificates of the senders. Keys are made here. */
@SuppressWarnings("NullAway.Init") // JUnit fills in
class DoorTlsTest {
    private final TestCertificates authority = TestCertificates.authority("ours");
    private final TestCertificates stranger = TestCertificates.authority("theirs");

    @TempDir
    private Path folder;

    @BeforeEach
    void writeFiles() throws Exception {
        authority.issue("localhost").write(folder.resolve("door.crt"), folder.resolve("door.key"));
        Files.writeString(folder.resolve("clients.crt"), authority.pem());
    }

    @Test
    void events_areTakenOverTls() throws Exception {
        try (Door door = open(Map.of())) {
            assertThat(push(door, null)).isEqualTo(200);
            assertThatThrownBy(() -> door.pushAs("Bearer hush")).isInstanceOf(IOException.class); // In the clear.
            assertThat(door.log().hints()).hasSize(1);
        }
    }

    @Test
    void sender_mustShowACertificateOfTheAuthority() throws Exception {
        try (Door door = open(Map.of("ingest.tls.client.authorities", file("clients.crt")))) {
            assertThat(push(door, authority.issue("registry"))).isEqualTo(200);
            assertThatThrownBy(() -> push(door, null)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> push(door, stranger.issue("registry"))).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> push(door, authority.issueExpired("registry")))
                    .isInstanceOf(IOException.class);
            assertThat(door.log().hints()).hasSize(1);
        }
    }

    @Test
    void senderWithACertificate_stillNeedsTheSecret() throws Exception {
        try (Door door = open(Map.of("ingest.tls.client.authorities", file("clients.crt")))) {
            assertThat(push(door, authority.issue("registry"), "Bearer wrong")).isEqualTo(401);
        }
    }

    @Test
    void authorities_areReadAgainWhenTheyChange() throws Exception {
        try (Door door = open(Map.of("ingest.tls.client.authorities", file("clients.crt")))) {
            TestCertificates sender = stranger.issue("registry");
            assertThatThrownBy(() -> push(door, sender)).isInstanceOf(IOException.class);
            Files.writeString(folder.resolve("clients.crt"), authority.pem() + stranger.pem());

            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> push(door, sender) == 200);
            assertThat(push(door, authority.issue("registry"))).isEqualTo(200);
        }
    }

    @Test
    void requestThatTrickles_isCutOff_andOneThatIsDoneIsNot() throws Exception {
        try (Door door = Door.open(settings(Map.of()), Duration.ofMillis(600));
                SSLSocket socket =
                        (SSLSocket) context(null).getSocketFactory().createSocket("localhost", door.port())) {
            socket.setSoTimeout(20_000);
            assertThat(push(door, null)).isEqualTo(200);
            socket.getOutputStream().write("POST /events HTTP/1.1\r\nHo".getBytes(StandardCharsets.US_ASCII));

            assertThat(endOf(socket)).isTrue();
        }
    }

    @Test
    void filesThatAreNone_areNamedAtTheStart() throws Exception {
        Files.writeString(folder.resolve("door.crt"), "no certificate");

        assertThatThrownBy(() -> open(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("door.crt");
        authority.issue("localhost").write(folder.resolve("door.crt"), folder.resolve("other.key"));
        assertThatThrownBy(() -> open(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("the key is not the certificate's");
    }

    private static boolean endOf(SSLSocket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private Door open(Map<String, String> more) {
        return Door.open(settings(more));
    }

    private Map<String, String> settings(Map<String, String> more) {
        Map<String, String> values =
                new HashMap<>(Map.of("ingest.tls.certificate", file("door.crt"), "ingest.tls.key", file("door.key")));
        values.putAll(more);
        return values;
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private int push(Door door, @Nullable TestCertificates sender) throws Exception {
        return push(door, sender, "Bearer hush");
    }

    private int push(Door door, @Nullable TestCertificates sender, String authorization) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + door.port() + "/events"))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", authorization)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Door.PUSH))
                .build();
        HttpClient client = HttpClient.newBuilder()
                .sslContext(context(sender))
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    /** Of one who trusts our authority, and shows the certificate if there is one. */
    private SSLContext context(@Nullable TestCertificates sender) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trustStore());
        KeyManager @Nullable [] keys = null;
        if (sender != null) {
            KeyStore store = sender.keyStore();
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        return context;
    }
}
