package dev.precast.ingest.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class GenericParserTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Digest DIGEST = Digest.sha256(new byte[] {1});

    private final GenericParser parser = new GenericParser(() -> "made-id");

    @Test
    void repositoryAndTag_areAPush() {
        assertThat(parse("{'repository':'a/b','tag':'v1'}").hints())
                .containsExactly(new Hint("generic", "push", "a/b", "v1", null, "made-id", NOW));
    }

    @Test
    void digest_isKept() {
        assertThat(parse("{'repository':'a/b','tag':'v1','digest':'" + DIGEST + "','action':'PUSH'}")
                        .hints())
                .containsExactly(new Hint("generic", "push", "a/b", "v1", DIGEST, "made-id", NOW));
    }

    @Test
    void delete_carriesNoDigest() {
        assertThat(parse("{'repository':'a/b','tag':'v1','digest':'" + DIGEST + "','action':'delete'}")
                        .hints())
                .containsExactly(new Hint("generic", "delete", "a/b", "v1", null, "made-id", NOW));
    }

    @Test
    void body_withoutTag_isIgnored() {
        Notification notification = parse("{'repository':'a/b','digest':'" + DIGEST + "'}");

        assertThat(notification.hints()).isEmpty();
        assertThat(notification.rejection()).isEmpty();
        assertThat(notification.events()).hasSize(1);
    }

    @Test
    void action_thatIsUnknown_isIgnored() {
        Notification notification = parse("{'repository':'a/b','tag':'v1','action':'scan'}");

        assertThat(notification.events()).extracting(Event::action).containsExactly(Action.OTHER);
        assertThat(notification.hints()).isEmpty();
    }

    @Test
    void body_withoutRepository_isMalformed() {
        assertThat(parse("{'tag':'v1'}").rejection().orElseThrow().reason()).isEqualTo(RejectionReason.MALFORMED_EVENT);
    }

    @Test
    void name_outsideTheGrammar_isRejected() {
        assertThat(parse("{'repository':'../a','tag':'v1'}")
                        .rejection()
                        .orElseThrow()
                        .reason())
                .isEqualTo(RejectionReason.INVALID_NAME);
    }

    private Notification parse(String body) {
        return parser.parse(
                Delivery.of(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "application/json", NOW));
    }
}
