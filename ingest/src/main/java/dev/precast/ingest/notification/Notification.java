package dev.precast.ingest.notification;

import dev.precast.schemas.record.Hint;
import java.util.List;
import java.util.Optional;

/**
 * What a notification body says.
 *
 * @param events that make sense, in the order of the body
 * @param rejection why the body, or some event of it, makes no sense; absent when all of it does
 * @param answer what the sender wants to read in the answer; absent with every source but Event Grid's handshake
 */
public record Notification(List<Event> events, Optional<Rejection> rejection, Optional<String> answer) {
    public Notification {
        events = List.copyOf(events);
    }

    /**
     * Why something was refused at the door.
     *
     * @param reason a short code, see {@link RejectionReason}
     * @param message what was found and what was expected
     */
    public record Rejection(RejectionReason reason, String message) {}

    /** Of all events, in order. */
    public List<Hint> hints() {
        return events.stream().flatMap(event -> event.hints().stream()).toList();
    }

    static Notification of(Event event) {
        return new Notification(List.of(event), Optional.empty(), Optional.empty());
    }

    static Notification rejected(Rejection rejection) {
        return new Notification(List.of(), Optional.of(rejection), Optional.empty());
    }
}
