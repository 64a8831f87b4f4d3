package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Harbor's webhooks in both payload formats, Default and CloudEvents ({@code src/pkg/notifier/model/event.go} and
 * {@code src/pkg/notifier/formats/cloudevents.go} at v2.12.0). Each artifact is named with one of its tags, or with its digest in the
 * tag's place when it has none.
 */
final class HarborParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes an id for an event that has none */
    HarborParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "harbor";
    }

    @Override
    public Set<String> mediaTypes() {
        return Set.of("application/json", CloudEvent.MEDIA_TYPE, "");
    }

    @Override
    public Notification read(Delivery delivery) throws RejectedException {
        JsonNode root = EventJson.object(delivery.body());
        if (root.has("specversion")
                || !delivery.attribute("type").isEmpty()
                || delivery.mediaType().equals(CloudEvent.MEDIA_TYPE)) {
            CloudEvent event = CloudEvent.read(delivery);
            return Notification.of(read(event.id(), event.type(), event.time(), event.data(), delivery.receivedAt()));
        }
        String type = EventJson.text(root, "type");
        if (type.isEmpty() || !root.path("event_data").isObject()) {
            throw EventJson.malformed(
                    "The body has no \"type\" and \"event_data\", expected those of a Harbor webhook.");
        }
        long seconds = root.path("occur_at").asLong();
        Instant time = seconds > 0 && seconds < Instant.MAX.getEpochSecond() ? Instant.ofEpochSecond(seconds) : null;
        return Notification.of(read("", type, time, root.path("event_data"), delivery.receivedAt()));
    }

    private Event read(
            String id, String type, @org.jspecify.annotations.Nullable Instant time, JsonNode data, Instant receivedAt)
            throws RejectedException {
        Action action = action(type);
        List<Hint> hints = new ArrayList<>();
        if (action == Action.PUSH || action == Action.DELETE) {
            HintBuilder builder = new HintBuilder(source(), id, ids.get(), receivedAt);
            String repository = EventJson.text(data.path("repository"), "repo_full_name");
            JsonNode resources = data.path("resources");
            if (!resources.isArray() || resources.isEmpty()) {
                throw EventJson.malformed("The event has no \"resources\", expected the artifacts that it is about.");
            }
            for (JsonNode resource : resources) {
                hints.addAll(hints(builder, action, repository, resource));
            }
        }
        return new Event(action, time, hints);
    }

    private static List<Hint> hints(HintBuilder builder, Action action, String repository, JsonNode resource)
            throws RejectedException {
        String digest = EventJson.text(resource, "digest");
        String name = EventJson.text(resource, "tag");
        String tag = Digest.tryParse(name).isPresent() ? "" : name;
        if (action == Action.DELETE && !digest.isEmpty()) {
            // With the artifact all its tags go, of which Harbor names the first at most.
            List<Hint> all = new ArrayList<>(builder.of(action, repository, "", digest));
            if (!tag.isEmpty()) {
                all.addAll(builder.of(action, repository, tag, ""));
            }
            return all;
        }
        // An artifact without name must not become a delete of the whole repository.
        return action == Action.DELETE && tag.isEmpty() ? List.of() : builder.of(action, repository, tag, digest);
    }

    private static Action action(String type) {
        return switch (type) {
            case "PUSH_ARTIFACT", "CREATE_TAG", "harbor.artifact.pushed", "harbor.tag.created" -> Action.PUSH;
            case "DELETE_ARTIFACT", "harbor.artifact.deleted" -> Action.DELETE;
            case "PULL_ARTIFACT", "harbor.artifact.pulled" -> Action.PULL;
            default -> Action.OTHER;
        };
    }
}
