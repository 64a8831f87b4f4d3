package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * zot's events, CloudEvents in binary or structured mode ({@code pkg/extensions/events/events.go} at v2.1.2). The data's
 * {@code reference} is a tag or a digest. Types are matched by their end: their namespace can be configured.
 */
final class ZotParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes an id for an event that has none */
    ZotParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "zot";
    }

    @Override
    public Set<String> mediaTypes() {
        return Set.of("application/json", CloudEvent.MEDIA_TYPE, "");
    }

    @Override
    public Notification read(Delivery delivery) throws RejectedException {
        CloudEvent event = CloudEvent.read(delivery);
        Action action = action(event.type());
        HintBuilder builder = new HintBuilder(source(), event.id(), ids.get(), delivery.receivedAt());
        return Notification.of(new Event(action, event.time(), hints(builder, action, event.data())));
    }

    private static List<Hint> hints(HintBuilder builder, Action action, JsonNode data) throws RejectedException {
        if (action == Action.OTHER) {
            return List.of();
        }
        String name = EventJson.text(data, "name");
        String reference = EventJson.text(data, "reference");
        if (name.isEmpty() || reference.isEmpty()) {
            throw EventJson.malformed("The event has no \"name\" or no \"reference\", expected those of an image.");
        }
        boolean byDigest = Digest.tryParse(reference).isPresent();
        return builder.of(
                action, name, byDigest ? "" : reference, byDigest ? reference : EventJson.text(data, "digest"));
    }

    private static Action action(String type) {
        if (type.endsWith(".image.updated")) {
            return Action.PUSH;
        }
        return type.endsWith(".image.deleted") ? Action.DELETE : Action.OTHER;
    }
}
