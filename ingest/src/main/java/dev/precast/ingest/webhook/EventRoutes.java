package dev.precast.ingest.webhook;

import dev.precast.ingest.metrics.IngestMetrics;
import dev.precast.ingest.notification.Notification;
import dev.precast.ingest.notification.NotificationParser;
import dev.precast.ingest.notification.RejectionReason;
import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.DeadLetter;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /events…}. Answers 200 once the broker has what the body says, or the body itself among the dead letters; 401, 413
 * and 503, and nothing else: Distribution delivers one event at a time and repeats it until it is taken, so a 4xx for a bad event
 * would hold up all that follow, and a 3xx would lose it ({@code notifications/sinks.go}, {@code http.go} at v2.8.3).
 */
public final class EventRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(EventRoutes.class);
    private static final Set<String> DISTRIBUTION_TYPES = Set.of(
            "application/vnd.docker.distribution.events.v1+json",
            "application/vnd.docker.distribution.events.v2+json",
            "application/json",
            "");
    private static final Set<String> JSON_TYPES = Set.of("application/json", "");

    private final BearerSecrets secrets;
    private final EventLog log;
    private final Duration ackTimeout;
    private final IngestMetrics metrics;
    private final Clock clock;

    public EventRoutes(List<String> secrets, EventLog log, Duration ackTimeout, IngestMetrics metrics, Clock clock) {
        this.secrets = new BearerSecrets(secrets);
        this.log = log;
        this.ackTimeout = ackTimeout;
        this.metrics = metrics;
        this.clock = clock;
    }

    public void register(RoutesConfig routes, NotificationParser distribution, NotificationParser generic) {
        routes.post("/events", ctx -> receive(ctx, distribution, DISTRIBUTION_TYPES));
        routes.post("/events/generic", ctx -> receive(ctx, generic, JSON_TYPES));
        routes.error(
                404, ctx -> answer(ctx, RegistryError.of(404, "UNSUPPORTED", "no such address; events go to /events")));
        routes.error(
                405, ctx -> answer(ctx, RegistryError.of(405, "UNSUPPORTED", "events are sent with POST to /events")));
        routes.exception(Exception.class, (e, ctx) -> {
            LOG.warn("Cannot take an event: {}", e.toString());
            answer(ctx, RegistryError.of(503, "UNAVAILABLE", "the event could not be taken; send it again"));
        });
    }

    private void receive(Context ctx, NotificationParser parser, Set<String> mediaTypes) throws IOException {
        long start = System.nanoTime();
        if (!secrets.accept(ctx.header("Authorization"))) {
            ctx.header("WWW-Authenticate", "Bearer");
            answer(ctx, RegistryError.of(401, "UNAUTHORIZED", "authentication required"));
            return;
        }
        Optional<byte[]> body = body(ctx);
        if (body.isEmpty()) {
            ctx.header("Connection", "close");
            answer(
                    ctx,
                    RegistryError.of(
                            413, "SIZE_INVALID", "at most " + Limits.MAX_EVENT_BYTES + " bytes of events are taken"));
            return;
        }
        try {
            keep(parser, mediaType(ctx), mediaTypes, body.get(), start);
            ctx.status(200);
        } catch (EventLog.NotPersistedException e) {
            metrics.notPersisted();
            LOG.warn("Answered 503 for an event of {}: {}", parser.source(), e.getMessage());
            answer(ctx, RegistryError.of(503, "UNAVAILABLE", "the event could not be persisted; send it again"));
        }
    }

    private void keep(NotificationParser parser, String mediaType, Set<String> mediaTypes, byte[] body, long start)
            throws EventLog.NotPersistedException {
        Instant now = clock.instant();
        Notification notification = mediaTypes.contains(mediaType)
                ? parser.parse(body, now)
                : new Notification(
                        List.of(),
                        Optional.of(new Notification.Rejection(
                                RejectionReason.UNKNOWN_MEDIA_TYPE,
                                "The body has a media type that is not read here, expected one of "
                                        + String.join(
                                                ", ",
                                                mediaTypes.stream()
                                                        .filter(t -> !t.isEmpty())
                                                        .sorted()
                                                        .toList())
                                        + ".")),
                        0);
        List<DeadLetter> letters = notification.rejection().stream()
                .map(rejection -> deadLetter(parser.source(), rejection, body, now))
                .toList();
        if (!notification.hints().isEmpty() || !letters.isEmpty()) {
            Duration spent = Duration.ofNanos(System.nanoTime() - start);
            log.append(notification.hints(), letters, ackTimeout.minus(spent));
        }
        metrics.acknowledgedAfter(Duration.ofNanos(System.nanoTime() - start));
        metrics.hintsReceived(parser.source(), notification.hints().size());
        metrics.eventsIgnored(parser.source(), notification.ignored());
        notification.rejection().ifPresent(rejection -> {
            metrics.deadLetter(rejection.reason());
            LOG.warn("Put a body of {} among the dead letters: {}", parser.source(), rejection.message());
        });
    }

    private static DeadLetter deadLetter(
            String source, Notification.Rejection rejection, byte[] body, Instant receivedAt) {
        return DeadLetter.of(source, rejection.reason().name(), rejection.message(), body, receivedAt, null);
    }

    /** Empty when there is more than an event may have; not read on then. */
    private static Optional<byte[]> body(Context ctx) throws IOException {
        if (ctx.req().getContentLengthLong() > Limits.MAX_EVENT_BYTES) {
            return Optional.empty();
        }
        byte[] body = ctx.req().getInputStream().readNBytes(Limits.MAX_EVENT_BYTES + 1);
        return body.length > Limits.MAX_EVENT_BYTES ? Optional.empty() : Optional.of(body);
    }

    private static String mediaType(Context ctx) {
        String contentType = ctx.req().getContentType();
        return contentType == null ? "" : MediaTypes.withoutParameters(contentType);
    }

    private static void answer(Context ctx, RegistryError error) {
        ctx.status(error.status()).contentType(RegistryError.CONTENT_TYPE).result(error.body());
    }
}
