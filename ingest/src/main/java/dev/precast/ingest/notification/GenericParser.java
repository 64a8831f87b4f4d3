package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Our own form, for scripts and for registries without a parser: {@code {"repository","tag"?,"digest"?,"action"?}}. The action
 * is {@code push} (the default) or {@code delete}; other actions, and pushes without a tag, move no tag and are ignored.
 */
final class GenericParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes the hints' event ids */
    GenericParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "generic";
    }

    @Override
    public Set<String> mediaTypes() {
        return Set.of("application/json", "");
    }

    @Override
    public Notification read(Delivery delivery) throws RejectedException {
        JsonNode root = EventJson.object(delivery.body());
        String repository = EventJson.text(root, "repository");
        if (repository.isEmpty()) {
            throw EventJson.malformed(
                    "The body has no repository, expected {\"repository\",\"tag\"?,\"digest\"?,\"action\"?}.");
        }
        String word = EventJson.text(root, "action").toLowerCase(Locale.ROOT);
        Action action = word.isEmpty() ? Action.PUSH : Action.ofDistribution(word);
        HintBuilder hints = new HintBuilder(source(), "", ids.get(), delivery.receivedAt());
        return Notification.of(new Event(
                action,
                null,
                hints.of(action, repository, EventJson.text(root, "tag"), EventJson.text(root, "digest"))));
    }
}
