package dev.precast.ingest.notification;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Every source of events, and the path that its events are sent to. Immutable. */
public final class NotificationSources {
    private final Map<String, NotificationParser> byPath = new LinkedHashMap<>();

    /** @param ids makes ids for events that have none */
    public NotificationSources(Supplier<String> ids) {
        byPath.put("/events", new DistributionParser(ids));
        byPath.put("/events/harbor", new HarborParser(ids));
        byPath.put("/events/zot", new ZotParser(ids));
        byPath.put("/events/quay", new QuayParser(ids));
        byPath.put("/events/acr", new AcrParser(ids));
        byPath.put("/events/generic", new GenericParser(ids));
    }

    /** By path. */
    public Map<String, NotificationParser> byPath() {
        return Map.copyOf(byPath);
    }

    /** The parser of what a dead letter names as its source; empty when that is none of ours. */
    public Optional<NotificationParser> parser(String source) {
        return byPath.values().stream()
                .filter(parser -> parser.source().equals(source))
                .findFirst();
    }

    /** What the delivery says, or that its media type is none that the parser reads. */
    public static Notification read(NotificationParser parser, Delivery delivery) {
        if (parser.mediaTypes().contains(delivery.mediaType())) {
            return parser.parse(delivery);
        }
        return Notification.rejected(new Notification.Rejection(
                RejectionReason.UNKNOWN_MEDIA_TYPE,
                "The body has a media type that is not read here, expected one of "
                        + String.join(
                                ", ",
                                parser.mediaTypes().stream()
                                        .filter(type -> !type.isEmpty())
                                        .sorted()
                                        .toList())
                        + "."));
    }
}
