package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.List;

/**
 * One event of Distribution's form, {@code {"id","timestamp","action","target":{…}}}, as Distribution and ACR send it. Only id,
 * time, action, repository, tag, digest and media type are read; addresses in it are never used.
 *
 * <p>Manifest pushes by tag, and deletes by tag, carry {@code target.tag}; deletes by digest only the digest, deletes of a repository neither
 * ({@code notifications/bridge.go} at v2.8.3). Pulls carry a tag too and move nothing. A delete of a blob looks like one of a manifest.
 */
final class DistributionEvent {
    private DistributionEvent() {}

    static Event read(JsonNode event, String source, String fallbackId, Instant receivedAt) throws RejectedException {
        Action action = Action.ofDistribution(EventJson.text(event, "action"));
        JsonNode target = event.path("target");
        HintBuilder hints = new HintBuilder(source, EventJson.text(event, "id"), fallbackId, receivedAt);
        boolean blob = EventJson.text(target, "mediaType").equals(MediaTypes.OCTET_STREAM);
        List<Hint> found = blob
                ? List.of()
                : hints.of(
                        action,
                        EventJson.text(target, "repository"),
                        EventJson.text(target, "tag"),
                        EventJson.text(target, "digest"));
        return new Event(action, EventJson.time(EventJson.text(event, "timestamp")), found);
    }
}
