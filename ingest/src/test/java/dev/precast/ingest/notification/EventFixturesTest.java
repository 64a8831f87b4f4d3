package dev.precast.ingest.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Each source's documented forms, see {@code events/README.md} beside the files. */
class EventFixturesTest {
    private static final Instant NOW = Instant.parse("2026-03-04T09:20:31Z");
    private static final String CLOUD_EVENT = "application/cloudevents+json";

    private final NotificationSources sources = new NotificationSources(() -> "made-id");

    /** Expected: hints as {@code action repository[:tag][@digest]}, A standing for the digest of the fixtures. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            distribution-v1-push               | PUSH   | push team/app:1.0@A
            distribution-v1-push-by-digest     | PUSH   | -
            distribution-v1-push-blob          | PUSH   | -
            distribution-v1-mount              | MOUNT  | -
            distribution-v1-pull               | PULL   | -
            distribution-v1-delete-by-digest   | DELETE | delete team/app@A
            distribution-v1-delete-tag         | DELETE | delete team/app:1.0
            distribution-v1-delete-repository  | DELETE | delete team/app
            distribution-v2-push               | PUSH   | push team/app:1.0@A
            distribution-v2-delete-tag         | DELETE | delete team/app:1.0
            distribution-v2-delete-by-digest   | DELETE | delete team/app@A
            distribution-v2-many               | PUSH   | push team/app:1.0@A, delete team/old:0.9
            harbor-push                        | PUSH   | push team/app:1.0@A
            harbor-push-untagged               | PUSH   | -
            harbor-pull                        | PULL   | -
            harbor-delete                      | DELETE | delete team/app@A, delete team/app:1.0
            harbor-delete-untagged             | DELETE | delete team/app@A
            harbor-scan                        | OTHER  | -
            harbor-replication                 | OTHER  | -
            harbor-cloudevents-push            | PUSH   | push team/app:1.0@A
            harbor-cloudevents-tag-created     | PUSH   | push team/app:stable@A
            harbor-cloudevents-delete          | DELETE | delete team/app@A, delete team/app:1.0
            harbor-cloudevents-quota           | OTHER  | -
            zot-binary-updated                 | PUSH   | push team/app:1.0@A
            zot-binary-updated-by-digest       | PUSH   | -
            zot-binary-deleted                 | DELETE | delete team/app:1.0
            zot-binary-deleted-by-digest       | DELETE | delete team/app@A
            zot-binary-created                 | OTHER  | -
            zot-structured-updated             | PUSH   | push team/app:1.0@A
            zot-structured-lint-failed         | OTHER  | -
            quay-push                          | PUSH   | push team/app:1.0, push team/app:latest
            quay-build                         | OTHER  | -
            quay-scan                          | OTHER  | -
            acr-push                           | PUSH   | push team/app:1.0@A
            acr-delete                         | DELETE | delete team/app@A
            acr-ping                           | OTHER  | -
            acr-chart-push                     | OTHER  | -
            acr-event-grid-push                | PUSH   | push team/app:1.0@A
            acr-event-grid-delete              | DELETE | delete team/app@A
            acr-event-grid-cloudevents-push    | PUSH   | push team/app:1.0@A
            acr-event-grid-validation          | OTHER  | -
            generic-push                       | PUSH   | push team/app:1.0@A
            generic-delete-by-digest           | DELETE | delete team/app@A
            generic-delete-repository          | DELETE | delete team/app
            """)
    void fixture_givesItsHints(String name, Action first, String hints) throws IOException {
        Notification notification = read(name);

        assertThat(notification.rejection()).isEmpty();
        assertThat(notification.events().get(0).action()).isEqualTo(first);
        assertThat(notification.hints())
                .extracting(EventFixturesTest::text)
                .containsExactlyElementsOf(hints == null ? List.of() : List.of(hints.split(", ")));
        assertThat(notification.hints()).allSatisfy(hint -> {
            assertThat(hint.source()).isEqualTo(source(name));
            assertThat(hint.receivedAt()).isEqualTo(NOW);
            assertThat(hint.eventId()).isNotEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "distribution-v1-push, e-1, 2026-03-04T09:20:30.123456789Z",
        "harbor-push, made-id, 2026-03-04T09:20:30Z",
        "harbor-cloudevents-push, ce-1, 2026-03-04T09:20:30Z",
        "zot-binary-updated, ce-1, 2026-03-04T09:20:30.250Z",
        "zot-structured-updated, ce-1, 2026-03-04T09:20:30.500Z",
        "acr-event-grid-push, a-1, 2026-03-04T09:20:30.123456789Z"
    })
    void fixture_givesIdAndTime(String name, String id, Instant time) throws IOException {
        Event event = read(name).events().get(0);

        assertThat(event.hints()).extracting(Hint::eventId).containsExactly(id);
        assertThat(event.occurredAt()).isEqualTo(time);
    }

    @Test
    void handshakeOfEventGrid_isAnsweredWithItsCode() throws IOException {
        assertThat(read("acr-event-grid-validation").answer())
                .contains("{\"validationResponse\":\"0A1B2C3D-0000-4000-8000-00000000000E\"}");
        assertThat(read("acr-event-grid-push").answer()).isEmpty();
    }

    @Test
    void everyFixture_isTested() throws IOException, URISyntaxException {
        CsvSource table = Objects.requireNonNull(Stream.of(EventFixturesTest.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("fixture_givesItsHints"))
                .findFirst()
                .orElseThrow()
                .getAnnotation(CsvSource.class));
        List<String> tested = table.textBlock()
                .lines()
                .map(line -> line.substring(0, line.indexOf('|')).strip())
                .toList();

        assertThat(tested).containsExactlyInAnyOrderElementsOf(fixtures().toList());
    }

    /** Every body at every address, cut anywhere, with every other media type: an answer, never an exception, never a bad name. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void fixture_thatIsDamagedOrMisplaced_neverThrows(String name) throws IOException {
        byte[] body = new String(body(name), StandardCharsets.UTF_8).strip().getBytes(StandardCharsets.UTF_8);
        for (NotificationParser parser : sources.byPath().values()) {
            for (String mediaType : parser.mediaTypes()) {
                for (int length = 0; length < body.length; length += 1 + body.length / 60) {
                    byte[] cut = Arrays.copyOf(body, length);
                    assertThat(parser.parse(Delivery.of(cut, mediaType, NOW)).hints())
                            .as("%s cut at %d for %s", name, length, parser.source())
                            .isEmpty();
                }
                parser.parse(Delivery.of(body, mediaType, NOW));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /events/harbor | {'type':'PUSH_ARTIFACT','event_data':{'repository':{'repo_full_name':'../a'},'resources':[{'tag':'v1'}]}} | INVALID_NAME
            /events/harbor | {'type':'PUSH_ARTIFACT','event_data':{'repository':{'repo_full_name':'a'}}}                              | MALFORMED_EVENT
            /events/harbor | {'type':'PUSH_ARTIFACT'}                                                                                 | MALFORMED_EVENT
            /events/harbor | {'specversion':'1.0','type':'harbor.artifact.pushed'}                                                    | MALFORMED_EVENT
            /events/zot    | {'name':'a','reference':'v1'}                                                                            | MALFORMED_EVENT
            /events/zot    | {'type':'zotregistry.image.updated','data':{'name':'a'}}                                                 | MALFORMED_EVENT
            /events/zot    | {'type':'zotregistry.image.updated','data':{'name':'A','reference':'v1'}}                                | INVALID_NAME
            /events/quay   | {'updated_tags':['v1']}                                                                                  | MALFORMED_EVENT
            /events/quay   | {'repository':'a','updated_tags':['../v1']}                                                              | INVALID_NAME
            /events/quay   | []                                                                                                       | MALFORMED_EVENT
            /events/acr    | []                                                                                                       | MALFORMED_EVENT
            /events/acr    | {'target':{'repository':'a','tag':'v1'}}                                                                 | MALFORMED_EVENT
            /events/acr    | [{'data':{'action':'push','target':{'repository':'a b','tag':'v1'}}}]                                    | INVALID_NAME
            """)
    void body_thatMakesNoSense_isRejected(String path, String body, RejectionReason reason) {
        NotificationParser parser = Objects.requireNonNull(sources.byPath().get(path));

        Notification notification =
                parser.parse(Delivery.of(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "", NOW));

        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(reason);
    }

    @Test
    void deleteWithoutAnyName_neverBecomesADeleteOfTheRepository() {
        NotificationParser harbor = sources.parser("harbor").orElseThrow();
        String body = "{\"type\":\"DELETE_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"a\"},"
                + "\"resources\":[{\"resource_url\":\"x\"}]}}";

        assertThat(harbor.parse(Delivery.of(body.getBytes(StandardCharsets.UTF_8), "", NOW))
                        .hints())
                .isEmpty();
    }

    private Notification read(String name) throws IOException {
        NotificationParser parser = sources.parser(source(name)).orElseThrow();
        return NotificationSources.read(parser, new Delivery(body(name), mediaType(name), attributes(name), NOW));
    }

    private static String source(String name) {
        return name.substring(0, name.indexOf('-'));
    }

    private static String mediaType(String name) {
        if (name.startsWith("distribution-v")) {
            return "application/vnd.docker.distribution.events.v" + name.charAt("distribution-v".length()) + "+json";
        }
        return name.contains("cloudevents") || name.contains("structured") ? CLOUD_EVENT : "application/json";
    }

    private static Map<String, String> attributes(String name) {
        if (!name.contains("binary")) {
            return Map.of();
        }
        String type = name.contains("updated")
                ? "image.updated"
                : name.contains("deleted") ? "image.deleted" : "repository.created";
        return Map.of(
                "ce-type",
                "zotregistry." + type,
                "ce-id",
                "ce-1",
                "ce-specversion",
                "1.0",
                "ce-time",
                "2026-03-04T09:20:30.25Z");
    }

    private static byte[] body(String name) throws IOException {
        try (InputStream stream = EventFixturesTest.class.getResourceAsStream("/events/" + name + ".json")) {
            return Objects.requireNonNull(stream, name).readAllBytes();
        }
    }

    static Stream<String> fixtures() throws IOException, URISyntaxException {
        Path folder = Path.of(Objects.requireNonNull(EventFixturesTest.class.getResource("/events"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".json"))
                    .map(file -> file.substring(0, file.length() - ".json".length()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static String text(Hint hint) {
        return hint.action() + " " + hint.repository() + (hint.tag() == null ? "" : ":" + hint.tag())
                + (hint.digest() == null ? "" : "@" + hint.digest().toString().replaceAll("sha256:(a1){32}", "A"));
    }
}
