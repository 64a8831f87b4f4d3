package dev.precast.ingest.notification;

import dev.precast.schemas.record.Hint;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing that happened at a registry.
 *
 * @param occurredAt by the source's clock; absent when it does not say
 * @param hints what to look at again, in the order of the source; none when no tag can have moved: blobs, pulls, mounts, pushes
 *     by digest only
 */
public record Event(Action action, @Nullable Instant occurredAt, List<Hint> hints) {
    public Event {
        hints = List.copyOf(hints);
    }
}
