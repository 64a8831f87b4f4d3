package dev.precast.ingest.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventRoutesTest {
    private final Door door = Door.open(Map.of());

    @AfterEach
    void stop() {
        door.close();
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
        HttpResponse<String> response = door.post("/events", mediaType, Door.PUSH);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(door.log().hints()).singleElement().satisfies(hint -> {
            assertThat(hint.repository()).isEqualTo("a/b");
            assertThat(hint.eventId()).isNotEmpty();
        });
    }

    @Test
    void genericBody_isKept() throws Exception {
        assertThat(door.post("/events/generic", "application/json", "{\"repository\":\"a\",\"tag\":\"v1\"}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(door.log().hints()).extracting(Hint::source).containsExactly("generic");
    }

    @Test
    void cloudEventInBinaryMode_isReadFromItsHeaders_andItsDeadLetterKeepsNoSecret() throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(door.uri("/events/zot"))
                .header("Authorization", "Bearer hush")
                .header("Cookie", "session=crumb")
                .header("Content-Type", "application/json")
                .header("ce-id", "z-1")
                .header("ce-type", "zotregistry.image.updated");

        assertThat(door.send(request.POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"a\",\"reference\":\"v1\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(200);
        assertThat(door.send(request.POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"a\"}"))
                                .build())
                        .statusCode())
                .isEqualTo(200);

        assertThat(door.log().hints()).extracting(Hint::eventId).containsExactly("z-1");
        DeadLetter letter = door.log().letters().get(0);
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
        HttpResponse<String> response = door.post("/events/acr", "application/json", """
                [{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"c-1"}}]""");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"validationResponse\":\"c-1\"}");
        assertThat(door.log().hints()).isEmpty();
    }

    /** Go writes its zero time where it has none, and a timer counts nanoseconds. */
    @ParameterizedTest
    @ValueSource(strings = {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "-999999999-01-01T00:00:00Z"})
    void timeFarFromNow_isTaken(String timestamp) throws Exception {
        String body = Door.PUSH.replace("{\"action\"", "{\"timestamp\":\"" + timestamp + "\",\"action\"");

        assertThat(door.post("/events", "application/json", body).statusCode()).isEqualTo(200);
        assertThat(door.log().hints()).hasSize(1);
        assertThat(door.events("distribution", "push", "hint")).isEqualTo(1);
    }

    @Test
    void meters_countEventsBySourceActionAndOutcome() throws Exception {
        door.post(
                "/events",
                "application/json",
                Door.PUSH.replace("{\"action\"", "{\"timestamp\":\"2020-01-01T00:00:00Z\",\"action\""));
        door.post(
                "/events",
                "application/json",
                "{\"events\":[{\"action\":\"pull\",\"target\":{\"repository\":\"a\"}}]}");
        door.post("/events/quay", "application/json", "nonsense");
        door.log().down();
        door.post("/events", "application/json", Door.PUSH);
        door.pushAs("Bearer wrong");

        assertThat(door.events("distribution", "push", "hint")).isEqualTo(1);
        assertThat(door.events("distribution", "pull", "ignored")).isEqualTo(1);
        assertThat(door.events("quay", "unknown", "dead_letter")).isEqualTo(1);
        assertThat(door.events("distribution", "unknown", "not_persisted")).isEqualTo(1);
        assertThat(door.events("distribution", "unknown", "unauthorized")).isEqualTo(1);
        assertThat(door.meters()
                        .get("precast.ingest.ack")
                        .tag("status", "200")
                        .timer()
                        .count())
                .isEqualTo(3);
        assertThat(door.meters()
                        .get("precast.ingest.ack")
                        .tag("status", "503")
                        .timer()
                        .count())
                .isEqualTo(1);
        for (String stage : List.of("receipt", "hint")) {
            assertThat(door.meters()
                            .get("precast.event.age")
                            .tag("stage", stage)
                            .timer()
                            .count())
                    .as(stage)
                    .isEqualTo(1);
        }
        assertThat(door.meters()
                        .get("precast.ingest.dead.letters")
                        .tag("reason", "malformed_event")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void badBody_goesRawToTheDeadLetters_and200() throws Exception {
        byte[] raw = {'{', (byte) 0xFF, 0};

        assertThat(door.post("/events", "application/json", raw).statusCode()).isEqualTo(200);

        assertThat(door.log().letters()).singleElement().satisfies(letter -> {
            assertThat(letter.source()).isEqualTo("distribution");
            assertThat(letter.reason()).isEqualTo("MALFORMED_EVENT");
            assertThat(Base64.getDecoder().decode(letter.raw())).isEqualTo(raw);
        });
    }

    @Test
    void unknownMediaType_goesToTheDeadLetters_and200() throws Exception {
        assertThat(door.post("/events", "application/x-www-form-urlencoded", Door.PUSH)
                        .statusCode())
                .isEqualTo(200);

        assertThat(door.log().letters()).extracting(DeadLetter::reason).containsExactly("UNKNOWN_MEDIA_TYPE");
        assertThat(door.log().hints()).isEmpty();
    }

    @Test
    void eventsThatMoveNothing_are200AndLeaveNoTrace() throws Exception {
        assertThat(door.post("/events", "application/json", "{\"events\":[{\"action\":\"scan\"}]}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(door.log().hints()).isEmpty();
        assertThat(door.log().letters()).isEmpty();
    }

    @Test
    void brokerThatDoesNotAcknowledge_is503() throws Exception {
        door.log().down();

        assertThat(door.post("/events", "application/json", Door.PUSH).statusCode())
                .isEqualTo(503);
        assertThat(door.post("/events", "application/json", "nonsense").statusCode())
                .isEqualTo(503);
    }
}
