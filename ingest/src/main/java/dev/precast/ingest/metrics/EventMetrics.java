package dev.precast.ingest.metrics;

import dev.precast.ingest.notification.Event;
import dev.precast.ingest.notification.Notification;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** The meters of the door for events. Thread-safe. */
public final class EventMetrics {
    private final MeterRegistry registry;
    private final EventAge age;

    public EventMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.age = new EventAge(registry);
    }

    /**
     * A body of which everything was acknowledged by the broker, or nothing needed to be.
     *
     * @param receivedAt when it arrived
     * @param now when it was acknowledged
     */
    public void taken(String source, Notification notification, Instant receivedAt, Instant now) {
        for (Event event : notification.events()) {
            boolean hinted = !event.hints().isEmpty();
            event(source, event.action().word(), hinted ? "hint" : "ignored");
            if (hinted) {
                counter("precast.ingest.hints", "Hints acknowledged by the broker", "source", source)
                        .increment(event.hints().size());
            } else {
                counter("precast.ingest.events.ignored", "Events that move no tag", "source", source)
                        .increment();
            }
            Instant occurred = event.occurredAt();
            if (hinted && occurred != null) {
                age.at("receipt", Duration.between(occurred, receivedAt));
                age.at("hint", Duration.between(occurred, now));
            }
        }
        notification.rejection().ifPresent(rejection -> {
            event(source, "unknown", "dead_letter");
            counter(
                            "precast.ingest.dead.letters",
                            "Bodies refused at the door",
                            "reason",
                            rejection.reason().name().toLowerCase(Locale.ROOT))
                    .increment();
        });
    }

    /** A body that was answered 503, for the registry to repeat. */
    public void notPersisted(String source) {
        event(source, "unknown", "not_persisted");
        counter("precast.ingest.not.persisted", "Requests answered 503, for the registry to repeat")
                .increment();
    }

    /** A connection from an address that may not connect. */
    public void turnedAway() {
        counter("precast.ingest.turned.away", "Connections closed, from addresses that may not connect")
                .increment();
    }

    /** A request that was refused before its body was read: {@code unauthorized}, {@code rate_limited} or {@code too_large}. */
    public void refused(String source, String outcome) {
        event(source, "unknown", outcome);
    }

    /**
     * Time from the last byte of a request to its answer.
     *
     * @param status 200 or 503
     */
    public void answered(int status, Duration time) {
        Timer.builder("precast.ingest.ack")
                .tag("status", Integer.toString(status))
                .description("Time from the arrival of an event to its answer")
                .publishPercentileHistogram()
                .register(registry)
                .record(time);
        if (status == 200) {
            age.at("ack", time);
        }
    }

    private void event(String source, String action, String outcome) {
        counter(
                        "precast.ingest.events",
                        "Events by what came of them",
                        "source",
                        source,
                        "action",
                        action,
                        "outcome",
                        outcome)
                .increment();
    }

    private Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).tags(tags).description(description).register(registry);
    }
}
