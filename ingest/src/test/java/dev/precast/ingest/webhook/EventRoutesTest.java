package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.ingest.metrics.EventMetrics;
import dev.precast.ingest.notification.NotificationSources;
import dev.precast.schemas.config.ListenAddress;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventRoutesTest {
    private static final String PUSH =
            "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"a/b\",\"tag\":\"v1\"}}]}";

    /** Keeps what it is given, unless it is told not to. */
    private static final class MemoryLog implements EventLog {
        private final List<Hint> hints = new CopyOnWriteArrayList<>();
        private final List<DeadLetter> letters = new CopyOnWriteArrayList<>();
        private volatile boolean down;

        @Override
        public void append(List<Hint> newHints, List<DeadLetter> newLetters, Duration within)
                throws NotPersistedException {
            if (down) {
                throw new NotPersistedException("down");
            }
            hints.addAll(newHints);
            letters.addAll(newLetters);
        }
    }

    private final MemoryLog log = new MemoryLog();
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final HttpClient client = HttpClient.newHttpClient();
    private final EventServer server = new EventServer(
            new ListenAddress("127.0.0.1", 0),
            new EventRoutes(
                    List.of("old", "hush"),
                    new NotificationSources(() -> "made-id"),
                    log,
                    Duration.ofMillis(800),
                    new EventMetrics(meters),
                    Clock.systemUTC()));

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.docker.distribution.events.v1+json",
                "application/vnd.docker.distribution.events.v2+json",
                "application/json",
                "application/json; charset=utf-8",
                "Application/JSON"
            })
    void envelope_isKept_andAnswered200(String mediaType) throws Exception {
        HttpResponse<String> response = send(post("/events", mediaType, PUSH.getBytes(StandardCharsets.UTF_8)));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(log.hints).singleElement().satisfies(hint -> {
            assertThat(hint.repository()).isEqualTo("a/b");
            assertThat(hint.eventId()).isNotEmpty();
        });
    }

    @Test
    void genericBody_isKept() throws Exception {
        assertThat(send(post("/events/generic", "application/json", bytes("{\"repository\":\"a\",\"tag\":\"v1\"}")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(log.hints).extracting(Hint::source).containsExactly("generic");
    }

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
        HttpRequest request = HttpRequest.newBuilder(uri("/events"))
                .header("Authorization", authorization)
                .POST(HttpRequest.BodyPublishers.ofString(PUSH))
                .header("Content-Type", "application/json")
                .build();

        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(status);
        assertThat(log.hints).hasSize(status == 200 ? 1 : 0);
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
            String answer = raw(
                    method + " " + path
                            + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer hush\r\nContent-Length: 0\r\n\r\n");
            assertThat(answer).doesNotStartWith("HTTP/1.1 3").doesNotContainIgnoringCase("\nlocation:");
        }
    }

    @Test
    void cloudEventInBinaryMode_isReadFromItsHeaders_andItsDeadLetterKeepsNoSecret() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri("/events/zot"))
                .header("Authorization", "Bearer hush")
                .header("Cookie", "session=crumb")
                .header("Content-Type", "application/json")
                .header("ce-id", "z-1")
                .header("ce-type", "zotregistry.image.updated");

        assertThat(send(request.POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"a\",\"reference\":\"v1\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(request.POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"a\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(200);

        assertThat(log.hints).extracting(Hint::eventId).containsExactly("z-1");
        DeadLetter letter = log.letters.get(0);
        assertThat(letter.headers())
                .containsOnly(
                        Map.entry("content-type", "application/json"),
                        Map.entry("ce-id", "z-1"),
                        Map.entry("ce-type", "zotregistry.image.updated"));
        assertThat(new String(dev.precast.schemas.json.RecordJson.write(letter), StandardCharsets.UTF_8))
                .doesNotContain("hush")
                .doesNotContain("crumb");
        assertThat(EventHeaders.again(letter, Instant.EPOCH).attributes()).containsEntry("ce-id", "z-1");
    }

    @Test
    void handshake_isAnsweredInTheBody() throws Exception {
        HttpResponse<String> response = send(post("/events/acr", "application/json", bytes("""
                [{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c-1"}}]""")));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"validationResponse\":\"c-1\"}");
        assertThat(log.hints).isEmpty();
    }

    @Test
    void meters_countEventsBySourceActionAndOutcome() throws Exception {
        send(post(
                "/events",
                "application/json",
                bytes(PUSH.replace("{\"action\"", "{\"timestamp\":\"2020-01-01T00:00:00Z\",\"action\""))));
        send(post(
                "/events",
                "application/json",
                bytes("{\"events\":[{\"action\":\"pull\",\"target\":{\"repository\":\"a\"}}]}")));
        send(post("/events/quay", "application/json", bytes("nonsense")));
        log.down = true;
        send(post("/events", "application/json", bytes(PUSH)));
        client.send(
                HttpRequest.newBuilder(uri("/events"))
                        .POST(HttpRequest.BodyPublishers.ofString(PUSH))
                        .build(),
                HttpResponse.BodyHandlers.discarding());

        assertThat(events("distribution", "push", "hint")).isEqualTo(1);
        assertThat(events("distribution", "pull", "ignored")).isEqualTo(1);
        assertThat(events("quay", "unknown", "dead_letter")).isEqualTo(1);
        assertThat(events("distribution", "unknown", "not_persisted")).isEqualTo(1);
        assertThat(events("distribution", "unknown", "unauthorized")).isEqualTo(1);
        assertThat(meters.get("precast.ingest.ack").tag("status", "200").timer().count())
                .isEqualTo(3);
        assertThat(meters.get("precast.ingest.ack").tag("status", "503").timer().count())
                .isEqualTo(1);
        for (String stage : List.of("receipt", "hint")) {
            assertThat(meters.get("precast.event.age")
                            .tag("stage", stage)
                            .timer()
                            .count())
                    .as(stage)
                    .isEqualTo(1);
        }
        assertThat(meters.get("precast.ingest.dead.letters")
                        .tag("reason", "malformed_event")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void noSecret_is401InTheRegistrysForm() throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(uri("/events"))
                        .POST(HttpRequest.BodyPublishers.ofString(PUSH))
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.body())
                .isEqualTo("{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}\n");
    }

    @Test
    void badBody_goesRawToTheDeadLetters_and200() throws Exception {
        byte[] raw = {'{', (byte) 0xFF, 0};

        assertThat(send(post("/events", "application/json", raw)).statusCode()).isEqualTo(200);

        assertThat(log.letters).singleElement().satisfies(letter -> {
            assertThat(letter.source()).isEqualTo("distribution");
            assertThat(letter.reason()).isEqualTo("MALFORMED_EVENT");
            assertThat(Base64.getDecoder().decode(letter.raw())).isEqualTo(raw);
        });
    }

    @Test
    void unknownMediaType_goesToTheDeadLetters_and200() throws Exception {
        assertThat(send(post("/events", "application/x-www-form-urlencoded", bytes(PUSH)))
                        .statusCode())
                .isEqualTo(200);

        assertThat(log.letters).extracting(DeadLetter::reason).containsExactly("UNKNOWN_MEDIA_TYPE");
        assertThat(log.hints).isEmpty();
    }

    @Test
    void eventsThatMoveNothing_are200AndLeaveNoTrace() throws Exception {
        assertThat(send(post("/events", "application/json", bytes("{\"events\":[{\"action\":\"scan\"}]}")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(log.hints).isEmpty();
        assertThat(log.letters).isEmpty();
    }

    @Test
    void brokerThatDoesNotAcknowledge_is503() throws Exception {
        log.down = true;

        assertThat(send(post("/events", "application/json", bytes(PUSH))).statusCode())
                .isEqualTo(503);
        assertThat(send(post("/events", "application/json", bytes("nonsense"))).statusCode())
                .isEqualTo(503);
    }

    @Test
    void bodyOfMaximalSize_isTaken_andOneByteMoreIs413() throws Exception {
        byte[] most = new byte[Limits.MAX_EVENT_BYTES];
        Arrays.fill(most, (byte) ' ');
        System.arraycopy(bytes(PUSH), 0, most, 0, PUSH.length());

        assertThat(send(post("/events", "application/json", most)).statusCode()).isEqualTo(200);
        assertThat(log.hints).hasSize(1);
        HttpRequest chunked = HttpRequest.newBuilder(uri("/events"))
                .header("Authorization", "Bearer hush")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new java.io.ByteArrayInputStream(new byte[Limits.MAX_EVENT_BYTES + 1])))
                .build();
        assertThat(send(chunked).statusCode()).isEqualTo(413);
    }

    @Test
    void bodyThatAnnouncesTooMuch_is413WithoutBeingRead() throws Exception {
        String head =
                "POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer hush\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 999999999\r\n\r\n";

        assertThat(raw(head)).startsWith("HTTP/1.1 413 ");
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
        String answer =
                raw(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        if (!method.equals("HEAD")) {
            assertThat(answer).contains("{\"errors\":[{\"code\":\"UNSUPPORTED\"");
        }
        assertThat(answer).doesNotContain("Server:").doesNotContainIgnoringCase("<html");
    }

    @Test
    void requestThatIsNoHttp_is400InTheRegistrysForm() throws Exception {
        assertThat(raw("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nabcde"))
                .startsWith("HTTP/1.1 400 ")
                .contains("{\"errors\":[");
    }

    private double events(String source, String action, String outcome) {
        return meters.get("precast.ingest.events")
                .tags("source", source, "action", action, "outcome", outcome)
                .counter()
                .count();
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest post(String path, String mediaType, byte[] body) {
        return HttpRequest.newBuilder(uri(path))
                .header("Authorization", "Bearer hush")
                .header("Content-Type", mediaType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.US_ASCII));
            out.flush();
            byte[] buffer = new byte[8192];
            StringBuilder answer = new StringBuilder();
            int read;
            while ((read = socket.getInputStream().read(buffer)) > 0) {
                answer.append(new String(buffer, 0, read, StandardCharsets.UTF_8));
                if (answer.toString().endsWith("]}\n")) {
                    break;
                }
            }
            return answer.toString();
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
