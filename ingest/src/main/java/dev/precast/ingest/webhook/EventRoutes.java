package dev.precast.ingest.webhook;

import dev.precast.ingest.EventsConfig;
import dev.precast.ingest.metrics.EventMetrics;
import dev.precast.ingest.notification.Delivery;
import dev.precast.ingest.notification.Notification;
import dev.precast.ingest.notification.NotificationParser;
import dev.precast.ingest.notification.NotificationSources;
import dev.precast.schemas.error.RegistryError;
import dev.precast.schemas.image.Limits;
import dev.precast.schemas.image.MediaTypes;
import dev.precast.schemas.record.DeadLetter;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /events…}. Answers 200 once the broker has what the body says, or the body itself among the dead letters; 401, 413,
 * 429 and 503, and nothing else: Distribution delivers one event at a time and repeats it until it is taken, so a 4xx for a bad event
 * would hold up all that follow, and a 3xx would lose it ({@code notifications/sinks.go}, {@code http.go} at v2.8.3).
 */
public final class EventRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(EventRoutes.class);

    private final EventSecrets secrets;
    private final Refusals refusals;
    private final NotificationSources sources;
    private final EventLog log;
    private final Duration ackTimeout;
    private final EventMetrics metrics;
    private final Clock clock;

    public EventRoutes(
            EventsConfig config, NotificationSources sources, EventLog log, EventMetrics metrics, Clock clock) {
        this.secrets = new EventSecrets(config.secrets());
        this.refusals = new Refusals(config.refusalsPerMinute(), System::nanoTime);
        this.sources = sources;
        this.log = log;
        this.ackTimeout = config.ackTimeout();
        this.metrics = metrics;
        this.clock = clock;
    }

    void register(RoutesConfig routes) {
        sources.byPath().forEach((path, parser) -> routes.post(path, ctx -> receive(ctx, parser)));
        routes.error(
                404, ctx -> answer(ctx, RegistryError.of(404, "UNSUPPORTED", "no such address; events go to /events")));
        routes.error(
                405, ctx -> answer(ctx, RegistryError.of(405, "UNSUPPORTED", "events are sent with POST to /events")));
        routes.exception(Exception.class, (e, ctx) -> {
            LOG.warn("Cannot take an event: {}", e.toString());
            answer(ctx, RegistryError.of(503, "UNAVAILABLE", "the event could not be taken; send it again"));
        });
    }

    /** Whether the sender may send; asked before its body is read. */
    boolean accept(@Nullable String authorization) {
        return secrets.accept(authorization);
    }

    private void receive(Context ctx, NotificationParser parser) throws IOException {
        long start = System.nanoTime();
        if (!accept(ctx.header("Authorization"))) {
            refuse(ctx, parser);
            return;
        }
        Optional<byte[]> body = body(ctx);
        if (body.isEmpty()) {
            metrics.refused(parser.source(), "too_large");
            ctx.header("Connection", "close");
            answer(
                    ctx,
                    RegistryError.of(
                            413, "SIZE_INVALID", "at most " + Limits.MAX_EVENT_BYTES + " bytes of events are taken"));
            return;
        }
        Delivery delivery =
                new Delivery(body.get(), mediaType(ctx), EventHeaders.attributes(ctx.req()), clock.instant());
        try {
            Notification taken = keep(parser, delivery, start);
            ctx.status(200);
            taken.answer().ifPresent(text -> ctx.contentType("application/json").result(text));
            metrics.answered(200, since(start));
        } catch (EventLog.NotPersistedException e) {
            metrics.notPersisted(parser.source());
            metrics.answered(503, since(start));
            LOG.warn("Answered 503 for an event of {}: {}", parser.source(), e.getMessage());
            answer(ctx, RegistryError.of(503, "UNAVAILABLE", "the event could not be persisted; send it again"));
        }
    }

    /** Not before the secret was looked at: a delivery that carries one is never counted, whatever else its address sends. */
    private void refuse(Context ctx, NotificationParser parser) throws IOException {
        long wait = refusals.oneMore(InetAddress.getAllByName(ctx.req().getRemoteAddr())[0]);
        if (wait > 0) {
            metrics.refused(parser.source(), "rate_limited");
            ctx.header("Retry-After", Long.toString(wait));
            ctx.header("Connection", "close"); // Each further guess costs a connection.
            answer(ctx, RegistryError.of(429, "TOOMANYREQUESTS", "too many requests without an accepted secret"));
            return;
        }
        metrics.refused(parser.source(), "unauthorized");
        ctx.header("WWW-Authenticate", "Bearer");
        answer(ctx, RegistryError.of(401, "UNAUTHORIZED", "authentication required"));
    }

    private Notification keep(NotificationParser parser, Delivery delivery, long start)
            throws EventLog.NotPersistedException {
        Notification notification = NotificationSources.read(parser, delivery);
        List<DeadLetter> letters = notification.rejection().stream()
                .map(rejection -> DeadLetter.received(
                        parser.source(),
                        rejection.reason().name(),
                        rejection.message(),
                        delivery.body(),
                        delivery.receivedAt(),
                        EventHeaders.of(delivery)))
                .toList();
        if (!notification.hints().isEmpty() || !letters.isEmpty()) {
            log.append(notification.hints(), letters, ackTimeout.minus(since(start)));
        }
        count(parser, delivery, notification);
        notification
                .rejection()
                .ifPresent(rejection ->
                        LOG.warn("Put a body of {} among the dead letters: {}", parser.source(), rejection.message()));
        return notification;
    }

    /** What is kept is answered 200, whatever comes of counting it: a 503 would have it sent again for ever. */
    private void count(NotificationParser parser, Delivery delivery, Notification taken) {
        try {
            metrics.taken(parser.source(), taken, delivery.receivedAt(), clock.instant());
        } catch (RuntimeException e) {
            LOG.error("Cannot count an event of {} that was taken: a bug", parser.source(), e);
        }
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

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void answer(Context ctx, RegistryError error) {
        ctx.status(error.status()).contentType(RegistryError.CONTENT_TYPE).result(error.body());
    }
}
