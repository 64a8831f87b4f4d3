package dev.precast.serving.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line per request to the logger {@code precast.access}. Nothing in it that opens a door: no credential, no query. */
public final class AccessLog {
    private static final Logger LOG = LoggerFactory.getLogger("precast.access");

    private final boolean json;

    public AccessLog(boolean json) {
        this.json = json;
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
        /** The fields in their order, separated by spaces. */
        String text() {
            return client + " " + principal + " " + method + " " + repository + " " + kind + " " + format + " " + origin
                    + " " + status + " " + bytes + " " + micros;
        }

        String json() {
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put("client", client).put("principal", principal).put("method", method);
            line.put("repository", repository).put("kind", kind).put("format", format);
            line.put("origin", origin).put("status", status).put("bytes", bytes);
            return line.put("micros", micros).toString();
        }
    }

    public void write(Line line) {
        LOG.info("{}", json ? line.json() : line.text());
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
