package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may send: secrets, how often one may try without, and from where. */
class EventSendersTest {
    @ParameterizedTest
    @CsvSource({
        "Bearer hush, 200",
        "Bearer old, 200",
        "bearer hush, 200",
        "Bearer wrong, 401",
        "hush, 401",
        "Basic aHVzaA==, 401",
        "Basic Om90, 401",
        "Basic =, 401",
        "Basic YW55Ym9keTpodXNo, 200",
        "Basic, 401",
        "Bearer, 401"
    })
    void secret_isAskedFor(String authorization, int status) throws Exception {
        try (Door door = Door.open(Map.of())) {
            assertThat(door.pushAs(authorization).statusCode()).isEqualTo(status);
            assertThat(door.log().hints()).hasSize(status == 200 ? 1 : 0);
        }
    }

    @Test
    void noSecret_is401InTheRegistrysForm() throws Exception {
        try (Door door = Door.open(Map.of())) {
            HttpResponse<String> response = door.send(HttpRequest.newBuilder(door.uri("/events"))
                    .POST(HttpRequest.BodyPublishers.ofString(Door.PUSH))
                    .build());

            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.body())
                    .isEqualTo("{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n");
        }
    }

    @Test
    void wrongSecrets_areLimited_andDeliveriesWithTheRightOneNeverAre() throws Exception {
        try (Door door = Door.open(Map.of("ingest.refusals.per.minute", "3"))) {
            for (int i = 0; i < 3; i++) {
                assertThat(door.pushAs("Bearer guess" + i).statusCode()).isEqualTo(401);
            }
            for (int i = 0; i < 20; i++) {
                HttpResponse<String> refused = door.pushAs("Bearer guess" + i);
                assertThat(refused.statusCode()).isEqualTo(429);
                assertThat(refused.body()).contains("\"code\":\"TOOMANYREQUESTS\"");
                assertThat(refused.headers().firstValue("Retry-After").map(Integer::parseInt))
                        .hasValueSatisfying(seconds -> assertThat(seconds).isBetween(1, 60));
                assertThat(door.pushAs("Bearer hush").statusCode()).isEqualTo(200);
            }
            assertThat(door.log().hints()).hasSize(20);
            assertThat(door.events("distribution", "unknown", "unauthorized")).isEqualTo(3);
            assertThat(door.events("distribution", "unknown", "rate_limited")).isEqualTo(20);
        }
    }

    @Test
    void withoutALimit_wrongSecretsAre401ForEver() throws Exception {
        try (Door door = Door.open(Map.of("ingest.refusals.per.minute", "0"))) {
            for (int i = 0; i < 100; i++) {
                assertThat(door.pushAs("Bearer guess").statusCode()).isEqualTo(401);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.0/8", "10.1.2.3,127.0.0.1", "::1,127.0.0.1/32"})
    void addressThatIsListed_mayConnect(String allowed) throws Exception {
        try (Door door = Door.open(Map.of("ingest.allowed.addresses", allowed))) {
            assertThat(door.pushAs("Bearer hush").statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/8", "::1", "127.0.0.2", "127.0.1.0/24"})
    void addressThatIsNotListed_isNotReadFrom_evenWithTheSecret(String allowed) {
        try (Door door = Door.open(Map.of("ingest.allowed.addresses", allowed))) {
            assertThatThrownBy(() -> door.pushAs("Bearer hush")).isInstanceOf(IOException.class);

            assertThat(door.log().hints()).isEmpty();
            assertThat(door.meters().get("precast.ingest.turned.away").counter().count())
                    .isGreaterThanOrEqualTo(1);
        }
    }

    @Test
    void addressesOfOneMachine_areToldApart() throws Exception {
        try (Door door = Door.open(Map.of("ingest.allowed.addresses", "127.0.0.2"))) {
            assertThat(statusFrom("127.0.0.2", door)).isEqualTo("HTTP/1.1 200");
            assertThat(statusFrom("127.0.0.3", door)).isEmpty();
            assertThat(door.log().hints()).hasSize(1);
        }
    }

    /** Empty when the connection was closed without an answer. */
    @SuppressWarnings("AddressSelection") // Addresses, not names.
    private static String statusFrom(String address, Door door) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(address, 0));
            socket.connect(new InetSocketAddress("127.0.0.1", door.port()));
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(
                            ("POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hush\r\nContent-Type: application/json\r\n"
                                            + "Content-Length: " + Door.PUSH.length() + "\r\n\r\n" + Door.PUSH)
                                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return ""; // Reset: something was sent that nobody read.
        }
    }
}
