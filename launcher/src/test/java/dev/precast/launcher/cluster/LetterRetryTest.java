package dev.precast.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LetterRetryTest {
    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
    private static final Digest DIGEST = Digest.sha256(new byte[] {1});

    @Test
    void body_thatIsReadNow_givesItsHintsWithoutTheirOldExpectation() {
        LetterRetry retry = retry(
                "distribution",
                "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"a\",\"tag\":\"v1\",\"digest\":\""
                        + DIGEST + "\"}}]}",
                Map.of("content-type", "application/json"));

        assertThat(retry.hints())
                .containsExactly(new Hint("distribution", "push", "a", "v1", null, "dead-letter-2-17", NOW));
        assertThat(retry.done()).isTrue();
        assertThat(retry.outcome()).contains("a:v1");
    }

    @Test
    void body_ofWhichSomeIsStillBad_givesTheRest() {
        LetterRetry retry = retry("quay-not", "{}", Map.of());
        assertThat(retry.done()).isFalse();

        retry = retry(
                "distribution",
                "{\"events\":[7,{\"action\":\"delete\",\"target\":{\"repository\":\"a\",\"digest\":\"" + DIGEST
                        + "\"}}]}",
                Map.of());

        assertThat(retry.hints())
                .containsExactly(new Hint("distribution", "delete", "a", null, DIGEST, "dead-letter-2-17", NOW));
        assertThat(retry.done()).isFalse();
        assertThat(retry.outcome()).contains("Still refused, MALFORMED_EVENT");
    }

    @Test
    void cloudEvent_isReadWithItsHeaders() {
        LetterRetry retry = retry(
                "zot",
                "{\"name\":\"a\",\"reference\":\"v1\"}",
                Map.of("content-type", "application/json", "ce-type", "zotregistry.image.updated", "ce-id", "z"));

        assertThat(retry.hints()).extracting(Hint::eventId).containsExactly("z");
    }

    @Test
    void body_thatIsStillBad_saysSo() {
        LetterRetry retry = retry("quay", "nonsense", Map.of());

        assertThat(retry.hints()).isEmpty();
        assertThat(retry.done()).isFalse();
        assertThat(retry.outcome()).startsWith("Still refused, MALFORMED_EVENT");
    }

    @Test
    void imageRecord_thatCouldNotBeRead_looksAtItsTagAgain() {
        LetterRetry retry = of("a/b:v1", DeadLetter.of("precast-images", "UNREADABLE_RECORD", "x", null, NOW, "t-0@1"));

        assertThat(retry.hints())
                .containsExactly(new Hint("dead-letters", "push", "a/b", "v1", null, "dead-letter-2-17", NOW));
    }

    @Test
    void record_thatNamesNoTag_cannotBeTriedAgain() {
        assertThat(of("a/*", DeadLetter.of("precast-settings", "UNREADABLE_RECORD", "x", null, NOW, "t-0@1"))
                        .done())
                .isFalse();
        assertThat(of(null, DeadLetter.of("precast-images", "UNREADABLE_RECORD", "x", null, NOW, "t-0@1"))
                        .done())
                .isFalse();
        assertThat(of("x", null).done()).isFalse();
    }

    @Test
    void hint_thatIsReadableNow_isWrittenAgain_andOneOutsideTheGrammarIsNot() {
        Hint good = new Hint("generic", "push", "a", "v1", DIGEST, "e", Instant.EPOCH);
        Hint bad = new Hint("generic", "push", "*", null, null, "e", Instant.EPOCH);

        assertThat(retry("precast-hints", RecordJson.write(good)).hints())
                .containsExactly(new Hint("generic", "push", "a", "v1", null, "e", NOW));
        assertThat(retry("precast-hints", RecordJson.write(bad)).hints()).isEmpty();
        assertThat(retry("precast-hints", new byte[] {'x'}).hints()).isEmpty();
    }

    private static LetterRetry retry(String source, String body, Map<String, String> headers) {
        return of(
                source,
                DeadLetter.received(source, "X", "x", body.getBytes(StandardCharsets.UTF_8), Instant.EPOCH, headers));
    }

    private static LetterRetry retry(String source, byte[] raw) {
        return of(source, DeadLetter.of(source, "MALFORMED_HINT", "x", raw, Instant.EPOCH, "precast-hints-0@1"));
    }

    private static LetterRetry of(@Nullable String key, @Nullable DeadLetter letter) {
        return LetterRetry.of(new DeadLetters.Stored(2, 17, key, Instant.EPOCH, letter), NOW);
    }
}
