package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Docker Distribution's envelope, {@code {"events":[…]}}: events.v1 of 2.x and events.v2 of 3.x, which differ only in fields
 * that are not read here ({@code notifications/event.go} at v2.8.3 and v3.1.1).
 */
final class DistributionParser implements NotificationParser {
    private static final Set<String> MEDIA_TYPES = Set.of(
            "application/vnd.docker.distribution.events.v1+json",
            "application/vnd.docker.distribution.events.v2+json",
            "application/json",
            "");

    private final Supplier<String> ids;

    /** @param ids makes an id for an event that has none */
    DistributionParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "distribution";
    }

    @Override
    public Set<String> mediaTypes() {
        return MEDIA_TYPES;
    }

    @Override
    public Notification read(Delivery delivery) throws RejectedException {
        JsonNode events = EventJson.object(delivery.body()).path("events");
        if (!events.isArray() || events.isEmpty()) {
            throw EventJson.malformed("The body has no events, expected {\"events\":[…]} with at least one.");
        }
        return EventList.read(
                "events", events, event -> DistributionEvent.read(event, source(), ids.get(), delivery.receivedAt()));
    }
}
