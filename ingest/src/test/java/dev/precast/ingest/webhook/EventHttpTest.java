package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Limits;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventHttpTest {
    private final Door door = Door.open(Map.of());

    @AfterEach
    void stop() {
        door.close();
    }

    /** No redirect, ever: Go's client would turn the POST into a GET and count its 200 as the delivery. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/events",
                "/events/",
                "//events",
                "/events//",
                "/Events",
                "/events/harbor/",
                "/events/../events",
                "/events?x=//evil.example",
                "//evil.example/events",
                "/%2e%2e/events",
                "/events;x=1",
                "/events/%0d%0aLocation:x",
                "/",
                "/events/none/"
            })
    void path_howeverWritten_isNeverARedirect(String path) throws Exception {
        for (String method : List.of("POST", "GET", "PUT")) {
            String answer = door.raw(
                    method + " " + path
                            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer hush\r\nContent-Length: 0\r\n\r\n");
            assertThat(answer).doesNotStartWith("HTTP/1.1 3").doesNotContainIgnoringCase("\nlocation:");
        }
    }

    @Test
    void bodyOfMaximalSize_isTaken_andOneByteMoreIs413() throws Exception {
        byte[] most = new byte[Limits.MAX_EVENT_BYTES];
        Arrays.fill(most, (byte) ' ');
        System.arraycopy(Door.PUSH.getBytes(StandardCharsets.UTF_8), 0, most, 0, Door.PUSH.length());

        assertThat(door.post("/events", "application/json", most).statusCode()).isEqualTo(200);
        assertThat(door.log().hints()).hasSize(1);
        HttpRequest chunked = HttpRequest.newBuilder(door.uri("/events"))
                .header("Authorization", "Bearer hush")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(new byte[Limits.MAX_EVENT_BYTES + 1])))
                .build();
        assertThat(door.send(chunked).statusCode()).isEqualTo(413);
    }

    @Test
    void bodyThatAnnouncesTooMuch_is413WithoutBeingRead() throws Exception {
        String head =
                "POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hush\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 999999999\r\n\r\n";

        assertThat(door.raw(head)).startsWith("HTTP/1.1 413 ");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /events, 405",
        "HEAD, /events, 405",
        "PUT, /events, 405",
        "DELETE, /events/generic, 405",
        "POST, /, 404",
        "POST, /events/unknown, 404",
        "GET, /nothing, 404",
        "TRACE, /events, 405"
    })
    void otherRequests_areRefusedInTheRegistrysForm(String method, String path, int status) throws Exception {
        String answer = door.raw(
                method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        if (!method.equals("HEAD")) {
            assertThat(answer).contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
        }
        assertThat(answer).doesNotContain("Server:").doesNotContainIgnoringCase("<html");
    }

    @Test
    void requestThatIsNoHttp_is400InTheRegistrysForm() throws Exception {
        assertThat(door.raw("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde"))
                .startsWith("HTTP/1.1 400 ")
                .contains("{\"errors\":[");
    }
}
