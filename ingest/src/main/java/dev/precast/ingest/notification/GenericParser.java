package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.ingest.notification.EventJson.RejectedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Our own form, for scripts and for registries without a parser: {@code {"repository","tag"?,"digest"?,"action"?}}. The action
 * is {@code push} (the default) or {@code delete}; other actions and bodies without a tag move no tag and are ignored.
 */
public final class GenericParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes the hints' event ids */
    public GenericParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "generic";
    }

    @Override
    public Notification parse(byte[] body, Instant receivedAt) {
        try {
            JsonNode root = EventJson.object(body);
            String repository = EventJson.text(root, "repository");
            if (repository.isEmpty()) {
                throw new RejectedException(
                        RejectionReason.MALFORMED_EVENT,
                        "The body has no repository, expected {\"repository\",\"tag\"?,\"digest\"?,\"action\"?}.");
            }
            String tag = EventJson.text(root, "tag");
            String action = EventJson.text(root, "action").toLowerCase(Locale.ROOT);
            boolean push = action.isEmpty() || action.equals("push");
            if (tag.isEmpty() || !(push || action.equals("delete"))) {
                return new Notification(List.of(), Optional.empty(), 1);
            }
            Reference reference = EventJson.reference(repository, tag);
            Digest digest = push ? EventJson.digest(EventJson.text(root, "digest")) : null;
            Hint hint = new Hint(
                    source(),
                    push ? "push" : "delete",
                    reference.repository(),
                    reference.tag(),
                    digest,
                    ids.get(),
                    receivedAt);
            return new Notification(List.of(hint), Optional.empty(), 0);
        } catch (RejectedException e) {
            return Notification.rejected(e.rejection().reason(), e.rejection().message());
        }
    }
}
