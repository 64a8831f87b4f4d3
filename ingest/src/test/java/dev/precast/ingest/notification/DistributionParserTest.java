package dev.precast.ingest.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionParserTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Digest DIGEST = Digest.sha256(new byte[] {1});

    private final DistributionParser parser = new DistributionParser(() -> "made-id");

    @Test
    void pushByTag_givesHint() {
        Notification notification = parse("""
                {"events":[{"id":"e1","timestamp":"2026-01-02T03:04:05.6+01:00","action":"push","target":{
                "mediaType":"application/vnd.docker.distribution.manifest.v2+json","size":7,"digest":"%s","length":7,
                "repository":"library/hello","url":"http://evil.example/v2/x","tag":"v1"},
                "request":{"id":"r","addr":"10.0.0.1","host":"evil.example","method":"PUT","useragent":"docker"},
                "actor":{},"source":{"addr":"reg:5000","instanceID":"i"}}]}""".formatted(DIGEST));

        assertThat(notification.hints())
                .containsExactly(new Hint("distribution", "push", "library/hello", "v1", DIGEST, "e1", NOW));
        assertThat(notification.rejection()).isEmpty();
    }

    @Test
    void deleteByTag_givesHintWithoutDigest() {
        Notification notification = parse("""
                {"events":[{"action":"delete","target":{"mediaType":"","digest":"","size":0,
                "repository":"library/hello","tag":"v1"}}]}""");

        assertThat(notification.hints())
                .containsExactly(new Hint("distribution", "delete", "library/hello", "v1", null, "made-id", NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'action':'push','target':{'repository':'a','digest':'D'}}",
                "{'action':'push','target':{'mediaType':'application/octet-stream','repository':'a','digest':'D'}}",
                "{'action':'mount','target':{'repository':'a','tag':'v1','fromRepository':'b'}}",
                "{'action':'pull','target':{'repository':'a','tag':'v1','digest':'D'}}",
                "{'action':'delete','target':{'mediaType':'application/octet-stream','repository':'a','digest':'D'}}",
                "{'action':'scan','target':{'repository':'a','tag':'v1'}}",
                "{}"
            })
    void event_thatMovesNoTag_isIgnored(String event) {
        Notification notification = parse("{'events':[" + event + "]}".replace("D", DIGEST.toString()));

        assertThat(notification.events()).hasSize(1);
        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection()).isEmpty();
    }

    @Test
    void deleteByDigest_thatIsNoDigest_neverBecomesADeleteOfTheRepository() {
        Notification notification =
                parse("{'events':[{'action':'delete','target':{'repository':'a','digest':'md5:abc'}}]}");

        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(RejectionReason.INVALID_NAME);
    }

    @Test
    void envelope_ofManyEvents_keepsOrderAndNamesTheFirstBadOne() {
        Notification notification =
                parse("{'events':[" + push("a", "v1") + "," + push("Bad Name", "v1") + ",7," + push("a", "v2") + "]}");

        assertThat(notification.hints()).extracting(Hint::tag).containsExactly("v1", "v2");
        assertThat(notification.rejection()).hasValueSatisfying(rejection -> {
            assertThat(rejection.reason()).isEqualTo(RejectionReason.INVALID_NAME);
            assertThat(rejection.message()).startsWith("events[1]: ").contains("Bad Name");
        });
    }

    @ParameterizedTest
    @CsvSource({
        "../secret, v1",
        "a/../b, v1",
        "A, v1",
        "a, ../v1",
        "a, '-v1'",
        "a, 'v1\r\nX: y'",
        "'', v1",
        "a%2fb, v1",
        "http://x/y, v1",
    })
    void name_outsideTheGrammar_neverBecomesHint(String repository, String tag) {
        Notification notification =
                parse("{'events':[" + push(repository, tag.replace("\r", "\\r").replace("\n", "\\n")) + "]}");

        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(RejectionReason.INVALID_NAME);
    }

    @Test
    void digest_ofUnknownAlgorithm_isLeftOut() {
        Notification notification =
                parse("{'events':[{'action':'push','target':{'repository':'a','tag':'v1','digest':'md5:abc'}}]}");

        assertThat(notification.hints())
                .singleElement()
                .extracting(Hint::digest)
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "7",
                "{}",
                "{'events':[]}",
                "{'events':{}}",
                "{'events':null}",
                "{'events':[1]}"
            })
    void body_thatIsNoEnvelope_isMalformed(String body) {
        Notification notification = parse(body);

        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(RejectionReason.MALFORMED_EVENT);
    }

    @Test
    void body_withDuplicateKeys_isAmbiguous() {
        Notification notification = parse("{'events':[],'events':[" + push("a", "v1") + "]}");

        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(RejectionReason.AMBIGUOUS_EVENT);
    }

    @Test
    void body_withInvalidUtf8_isMalformed() {
        Notification notification = parser.parse(
                Delivery.of(new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'}, "application/json", NOW));

        assertThat(notification.rejection().orElseThrow().reason()).isEqualTo(RejectionReason.MALFORMED_EVENT);
    }

    private Notification parse(String body) {
        return parser.parse(
                Delivery.of(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "application/json", NOW));
    }

    private static String push(String repository, String tag) {
        return "{'action':'push','target':{'repository':'" + repository + "','tag':'" + tag + "','digest':'" + DIGEST
                + "'}}";
    }
}
