package dev.precast.serving.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per request to the logger {@code precast.access}. Nothing in it that opens a door: no credential, no query. */
public final class AccessLog {
    private static final Logger LOG = LoggerFactory.getLogger("precast.access");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    private final boolean json;
    private final InstantSource clock;

    public AccessLog(boolean json, InstantSource clock) {
        this.json = json;
        this.clock = clock;
    }

    /**
     * What was asked and what was answered.
     *
     * @param client address without port
     * @param principal what kind of credential came: {@code anonymous}, {@code basic}, {@code bearer} or {@code other}
     * @param method as sent
     * @param repository {@code -} when the path names none that could exist
     * @param kind of route, such as {@code manifest-by-tag}, the same as in the metrics
     * @param format of what was sent, such as {@code schema1}
     * @param origin {@code converted}, {@code stored}, {@code upstream} or {@code precast}
     * @param status 0 when the answer was broken off before its headers
     * @param bytes of the body sent
     */
    public record Line(
            String client,
            String principal,
            String method,
            String repository,
            String kind,
            String format,
            String origin,
            int status,
            long bytes,
            long micros) {
        /** When it was over, and the fields in their order, separated by spaces. */
        String text(Instant time) {
            return TIME.format(time) + " " + client + " " + principal + " " + method + " " + repository + " " + kind
                    + " " + format + " " + origin + " " + status + " " + bytes + " " + micros;
        }

        String json(Instant time) {
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put("time", TIME.format(time));
            line.put("client", client).put("principal", principal).put("method", method);
            line.put("repository", repository).put("kind", kind).put("format", format);
            line.put("origin", origin).put("status", status).put("bytes", bytes);
            return line.put("micros", micros).toString();
        }
    }

    public void write(Line line) {
        Instant now = clock.instant();
        LOG.info("{}", json ? line.json(now) : line.text(now));
    }

    /** Which kind of credential an Authorization header holds; never what. */
    public static String principal(String authorization) {
        if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "basic";
        }
        return authorization.regionMatches(true, 0, "Bearer ", 0, 7) ? "bearer" : "other";
    }

    /** Safe for a line: what clients make up themselves may hold anything. */
    public static String method(String method) {
        return method.length() <= 16 && method.chars().allMatch(c -> c > ' ' && c < 127) ? method : "-";
    }
}
