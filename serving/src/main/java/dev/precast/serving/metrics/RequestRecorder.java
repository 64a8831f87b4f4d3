package dev.precast.serving.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Counts and times requests. Each combination that occurs has a timer, found by computing its place: recording one that occurred
 * before makes no garbage, so that a handler of a hundred thousand requests a second can call it. Thread-safe.
 */
public final class RequestRecorder {
    private static final ClientKind[] CLIENTS = ClientKind.values();
    private static final Route[] ROUTES = Route.values();
    private static final Format[] FORMATS = Format.values();
    private static final Origin[] ORIGINS = Origin.values();
    private static final int OTHER = -1;
    /** Those that have a place of their own; all others share the last. */
    private static final int[] STATUSES = {
        0, 200, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 406, 408, 412, 414, 416, 421, 429, 431,
        500, 502, 503, 504, OTHER
    };

    private static final byte OTHER_PLACE = (byte) (STATUSES.length - 1);
    private static final byte[] STATUS_PLACE = new byte[600];

    static {
        Arrays.fill(STATUS_PLACE, OTHER_PLACE);
        for (int i = 0; i < OTHER_PLACE; i++) {
            STATUS_PLACE[STATUSES[i]] = (byte) i;
        }
    }

    private final MeterRegistry registry;
    private final AtomicReferenceArray<Timer> timers = new AtomicReferenceArray<>(
            CLIENTS.length * ROUTES.length * FORMATS.length * ORIGINS.length * STATUSES.length);

    RequestRecorder(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * One request that was answered, or broke off.
     *
     * @param status 0 when none was sent
     * @param nanos that it took
     */
    @SuppressWarnings("EnumOrdinal") // Places are computed and forgotten within one run.
    public void record(ClientKind client, Route route, Format format, Origin origin, int status, long nanos) {
        int statusPlace = status >= 0 && status < STATUS_PLACE.length ? STATUS_PLACE[status] : OTHER_PLACE;
        int place = client.ordinal();
        place = place * ROUTES.length + route.ordinal();
        place = place * FORMATS.length + format.ordinal();
        place = place * ORIGINS.length + origin.ordinal();
        place = place * STATUSES.length + statusPlace;
        @Nullable Timer timer = timers.get(place);
        if (timer == null) {
            timer = register(client, route, format, origin, STATUSES[statusPlace]);
            timers.set(place, timer); // The registry gives everybody the same one.
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer register(ClientKind client, Route route, Format format, Origin origin, int status) {
        return Timer.builder("precast.serving.requests")
                .description("requests answered")
                .tag("client", client.label())
                .tag("route", route.label())
                .tag("format", format.label())
                .tag("origin", origin.label())
                .tag("status", status == OTHER ? "other" : Integer.toString(status))
                .register(registry);
    }
}
