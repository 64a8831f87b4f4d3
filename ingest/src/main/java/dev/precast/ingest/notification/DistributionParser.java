package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.ingest.notification.EventJson.RejectedException;
import dev.precast.schemas.image.Digest;
import dev.precast.schemas.image.Reference;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Docker Distribution's envelope, {@code {"events":[…]}}: events.v1 of 2.x and events.v2 of 3.x, which differ only in fields
 * that are not read here ({@code notifications/event.go} at v2.8.3 and v3.1.1). Of every event only action, repository, tag,
 * digest and id are read; addresses in it are never used.
 */
public final class DistributionParser implements NotificationParser {
    private final Supplier<String> ids;

    /** @param ids makes an id for an event that has none */
    public DistributionParser(Supplier<String> ids) {
        this.ids = ids;
    }

    @Override
    public String source() {
        return "distribution";
    }

    @Override
    public Notification parse(byte[] body, Instant receivedAt) {
        JsonNode events;
        try {
            events = EventJson.object(body).path("events");
        } catch (RejectedException e) {
            return Notification.rejected(e.rejection().reason(), e.rejection().message());
        }
        if (!events.isArray() || events.isEmpty()) {
            return Notification.rejected(
                    RejectionReason.MALFORMED_EVENT,
                    "The body has no events, expected {\"events\":[…]} with at least one.");
        }
        List<Hint> hints = new ArrayList<>();
        Notification.Rejection firstRejection = null;
        int ignored = 0;
        for (int i = 0; i < events.size(); i++) {
            try {
                Hint hint = hint(events.get(i), receivedAt);
                if (hint == null) {
                    ignored++;
                } else {
                    hints.add(hint);
                }
            } catch (RejectedException e) {
                if (firstRejection == null) {
                    firstRejection = new Notification.Rejection(
                            e.rejection().reason(),
                            "events[" + i + "]: " + e.rejection().message());
                }
            }
        }
        return new Notification(hints, Optional.ofNullable(firstRejection), ignored);
    }

    /**
     * Null for what moves no tag. Only manifest pushes by tag and deletes by tag carry {@code target.tag} and an action that
     * moves it ({@code notifications/bridge.go} at v2.8.3); pulls carry a tag too and move nothing.
     */
    private @Nullable Hint hint(JsonNode event, Instant receivedAt) throws RejectedException {
        if (!event.isObject()) {
            throw new RejectedException(RejectionReason.MALFORMED_EVENT, "Found no object, expected an event.");
        }
        String action = EventJson.text(event, "action");
        JsonNode target = event.path("target");
        String tag = EventJson.text(target, "tag");
        boolean push = action.equals("push");
        if (tag.isEmpty() || !(push || action.equals("delete"))) {
            return null;
        }
        Reference reference = EventJson.reference(EventJson.text(target, "repository"), tag);
        Digest digest = push ? EventJson.digest(EventJson.text(target, "digest")) : null;
        String id = EventJson.text(event, "id");
        return new Hint(
                source(),
                action,
                reference.repository(),
                reference.tag(),
                digest,
                id.isEmpty() ? ids.get() : EventJson.shorten(id),
                receivedAt);
    }
}
