package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Azure Container Registry: its webhooks, which are one event of Distribution's form ("Azure Container Registry webhook
 * reference"), and Event Grid, which wraps the same in {@code data} ("Azure Container Registry as an Event Grid source"): an array in its own
 * schema, one or an array in that of CloudEvents.
 *
 * <p>Event Grid asks once whether events are wanted here: the code that it sends is given back in the answer. The address that it sends
 * along is never called.
 */
final class AcrParser implements NotificationParser {
    private static final String VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent";
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9-]{1,100}");

    private final Supplier<String> ids;

    /** @param ids makes an id for an event that has none */
    AcrParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "acr";
    }

    @Override
    public Set<String> mediaTypes() {
        return Set.of("application/json", CloudEvent.MEDIA_TYPE, "application/cloudevents-batch+json", "");
    }

    @Override
    public Notification read(Delivery delivery) throws RejectedException {
        JsonNode root = EventJson.read(delivery.body());
        if (!root.isArray()) {
            return Notification.of(event(root, delivery.receivedAt()));
        }
        if (root.isEmpty()) {
            throw EventJson.malformed("The body is an empty array, expected events.");
        }
        Notification events = EventList.read("", root, event -> event(event, delivery.receivedAt()));
        return new Notification(events.events(), events.rejection(), answer(root));
    }

    private Event event(JsonNode node, Instant receivedAt) throws RejectedException {
        if (type(node).equals(VALIDATION)) {
            return new Event(Action.OTHER, null, java.util.List.of());
        }
        JsonNode event = node.path("data").isObject() ? node.path("data") : node;
        if (EventJson.text(event, "action").isEmpty()) {
            throw EventJson.malformed("The event has no \"action\", expected that of a container registry.");
        }
        return DistributionEvent.read(event, source(), ids.get(), receivedAt);
    }

    private static Optional<String> answer(JsonNode events) {
        for (JsonNode event : events) {
            String code = EventJson.text(event.path("data"), "validationCode");
            if (type(event).equals(VALIDATION) && CODE.matcher(code).matches()) {
                return Optional.of(JsonNodeFactory.instance
                        .objectNode()
                        .put("validationResponse", code)
                        .toString());
            }
        }
        return Optional.empty();
    }

    /** In Event Grid's own schema, or in that of CloudEvents. */
    private static String type(JsonNode event) {
        String type = EventJson.text(event, "eventType");
        return type.isEmpty() ? EventJson.text(event, "type") : type;
    }
}
