package dev.precast.launcher.cluster;

import dev.precast.ingest.notification.Notification;
import dev.precast.ingest.notification.NotificationParser;
import dev.precast.ingest.notification.NotificationSources;
import dev.precast.ingest.webhook.EventHeaders;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.DeadLetter;
import dev.precast.schemas.record.Hint;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What trying a dead letter again comes to: hints, which only ask to look again, so that trying twice does no more than trying
 * once. Bodies are read as if they came now; of a record that could not be read, its tag is looked at again. Pure.
 *
 * @param hints to append; none when nothing can be done
 * @param outcome one sentence
 * @param done false when it is still refused, or cannot be tried again
 */
public record LetterRetry(List<Hint> hints, String outcome, boolean done) {
    /** @param now when it is tried */
    public static LetterRetry of(DeadLetters.Stored stored, Instant now) {
        DeadLetter letter = stored.letter();
        if (letter == null) {
            return hopeless("Not tried: the record is no dead letter.");
        }
        String id = "dead-letter-" + stored.partition() + "-" + stored.offset();
        Optional<NotificationParser> parser = new NotificationSources(() -> id).parser(letter.source());
        if (parser.isPresent()) {
            return body(parser.get(), letter, now);
        }
        if (letter.source().equals(TopicCatalogue.HINTS.name())) {
            return hint(letter, now);
        }
        String key = stored.key();
        Optional<Reference> tag = key == null ? Optional.empty() : Reference.tryParse(key);
        boolean image = letter.source().equals(TopicCatalogue.IMAGES.name());
        if (image && tag.isPresent()) {
            Reference reference = tag.get();
            return submit(
                    List.of(new Hint("dead-letters", "push", reference.repository(), reference.tag(), null, id, now)));
        }
        return hopeless("Not tried: a record of " + letter.source() + " names no tag to look at again.");
    }

    private static LetterRetry body(NotificationParser parser, DeadLetter letter, Instant now) {
        Notification read = NotificationSources.read(parser, EventHeaders.again(letter, now));
        // What the tag was said to point to is long outdated.
        List<Hint> hints =
                read.hints().stream().map(LetterRetry::withoutExpectation).toList();
        Optional<String> refused =
                read.rejection().map(rejection -> "Still refused, " + rejection.reason() + ": " + rejection.message());
        if (hints.isEmpty()) {
            return refused.map(LetterRetry::hopeless)
                    .orElseGet(() -> new LetterRetry(hints, "Read: it moves no tag.", true));
        }
        LetterRetry submitted = submit(hints);
        return new LetterRetry(
                hints,
                submitted.outcome() + refused.map(sentence -> " " + sentence).orElse(""),
                refused.isEmpty());
    }

    private static LetterRetry hint(DeadLetter letter, Instant now) {
        try {
            Hint hint = RecordJson.read(letter.bytes(), Hint.class);
            String tag = hint.tag();
            if (Reference.isRepository(hint.repository()) && (tag == null || Reference.isTag(tag))) {
                return submit(List.of(withoutExpectation(new Hint(
                        hint.source(), hint.action(), hint.repository(), tag, hint.digest(), hint.eventId(), now))));
            }
            return hopeless("Still refused: it names no repository and tag of the distribution grammar.");
        } catch (IOException | RuntimeException e) {
            return hopeless("Still refused: it is no hint.");
        }
    }

    private static Hint withoutExpectation(Hint hint) {
        return hint.tag() == null
                ? hint
                : new Hint(
                        hint.source(),
                        hint.action(),
                        hint.repository(),
                        hint.tag(),
                        null,
                        hint.eventId(),
                        hint.receivedAt());
    }

    private static LetterRetry submit(List<Hint> hints) {
        Hint first = hints.get(0);
        String name = first.repository() + (first.tag() == null ? "" : ":" + first.tag());
        return new LetterRetry(
                hints,
                "To be looked at again: " + name + (hints.size() > 1 ? " and " + (hints.size() - 1) + " more" : "")
                        + ".",
                true);
    }

    private static LetterRetry hopeless(String outcome) {
        return new LetterRetry(List.of(), outcome, false);
    }
}
