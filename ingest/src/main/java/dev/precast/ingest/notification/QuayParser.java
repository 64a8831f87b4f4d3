package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.record.Hint;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Quay's repository notifications (Red Hat Quay 3, "Repository notifications"). Only a push names {@code updated_tags}, without
 * digests; Quay tells of no deletes. Builds and scans name no updated tags and are ignored.
 */
final class QuayParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes the hints' event ids */
    QuayParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "quay";
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
            throw EventJson.malformed("The body has no repository, expected that of a Quay notification.");
        }
        JsonNode tags = root.path("updated_tags");
        List<Hint> hints = new ArrayList<>();
        HintBuilder builder = new HintBuilder(source(), "", ids.get(), delivery.receivedAt());
        for (JsonNode tag : tags) {
            hints.addAll(builder.of(Action.PUSH, repository, tag.asText(), ""));
        }
        return Notification.of(new Event(tags.isEmpty() ? Action.OTHER : Action.PUSH, null, hints));
    }
}
