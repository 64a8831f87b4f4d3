package dev.precast.ingest.notification;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Events of one body, each read on its own: a bad one does not hide its neighbours. */
final class EventList {
    /** Reads one. */
    interface Step {
        Event read(JsonNode node) throws RejectedException;
    }

    private EventList() {}

    /** @param name of the array, for the message about the first event that makes no sense */
    static Notification read(String name, JsonNode array, Step step) {
        List<Event> events = new ArrayList<>();
        Optional<Notification.Rejection> first = Optional.empty();
        for (int i = 0; i < array.size(); i++) {
            try {
                events.add(step.read(EventJson.object(array.get(i))));
            } catch (RejectedException e) {
                if (first.isEmpty()) {
                    first = Optional.of(new Notification.Rejection(
                            e.rejection().reason(),
                            name + "[" + i + "]: " + e.rejection().message()));
                }
            }
        }
        return new Notification(events, first, Optional.empty());
    }
}
