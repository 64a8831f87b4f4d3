package dev.precast.schemas.json;

import dev.precast.schemas.error.RefusalReason;
import dev.precast.schemas.error.RefusedException;
import dev.precast.schemas.json.JsonScanner.NotJsonException;
import dev.precast.schemas.json.JsonScanner.TooDeepException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One JSON value as it was written: numbers, escapes, order and duplicate keys stay what they are. For what is passed on
 * verbatim, such as the opaque parts of an image config; {@link StrictJson} is for what is wholly interpreted. Immutable.
 *
 * @param text a valid JSON value without space around it
 */
public record RawJson(String text) {
    /**
     * One member of an object.
     *
     * @param key decoded; lone surrogates are U+FFFD, as Go decodes them
     */
    public record Member(String key, RawJson value) {}

    /** What a value is. */
    public enum Kind {
        OBJECT,
        ARRAY,
        STRING,
        NUMBER,
        BOOLEAN,
        NULL
    }

    /**
     * Reads one JSON document. Duplicate keys are not looked for.
     *
     * @param what names the thing in messages, for example {@code "image config"}
     * @param malformed the reason for what is not JSON at all
     * @param maxDepth levels of objects and arrays, the outermost included
     * @throws RefusedException {@code NOT_UTF8}, {@code TOO_LARGE} for the depth, else {@code malformed}
     */
    public static RawJson parse(byte[] bytes, String what, RefusalReason malformed, int maxDepth)
            throws RefusedException {
        StrictJson.requireUtf8(bytes, what);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.startsWith("\uFEFF")) {
            throw new RefusedException(malformed, "The " + what + " starts with a byte-order mark, expected JSON.");
        }
        JsonScanner scanner = new JsonScanner(text, maxDepth);
        try {
            int start = scanner.skipSpace(0);
            int end = scanner.endOfValue(start);
            int rest = scanner.skipSpace(end);
            if (rest != text.length()) {
                throw new NotJsonException("found more after the value, expected nothing", rest);
            }
            return new RawJson(text.substring(start, end));
        } catch (NotJsonException e) {
            throw new RefusedException(
                    malformed,
                    "The " + what + " is not JSON: " + e.getMessage() + " (at character " + e.offset() + ").");
        } catch (TooDeepException e) {
            throw new RefusedException(RefusalReason.TOO_LARGE, "The " + what + " is " + e.getMessage() + ".");
        }
    }

    public Kind kind() {
        return switch (text.charAt(0)) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case '"' -> Kind.STRING;
            case 't', 'f' -> Kind.BOOLEAN;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
    }

    /** The members in the order of the text, duplicates included. Only for objects. */
    public List<Member> members() {
        requireKind(Kind.OBJECT);
        JsonScanner scanner = new JsonScanner(text, Integer.MAX_VALUE);
        List<Member> members = new ArrayList<>();
        try {
            int at = scanner.skipSpace(1);
            while (text.charAt(at) != '}') {
                int keyEnd = scanner.endOfString(at);
                int start = scanner.skipSpace(scanner.skipSpace(keyEnd) + 1);
                int end = scanner.endOfValue(start);
                members.add(new Member(
                        GoJson.unquote(text.substring(at, keyEnd)), new RawJson(text.substring(start, end))));
                at = afterComma(scanner, end);
            }
            return members;
        } catch (NotJsonException | TooDeepException e) {
            throw new IllegalStateException("The text was scanned before", e);
        }
    }

    /** The elements in order. Only for arrays. */
    public List<RawJson> elements() {
        requireKind(Kind.ARRAY);
        JsonScanner scanner = new JsonScanner(text, Integer.MAX_VALUE);
        List<RawJson> elements = new ArrayList<>();
        try {
            int at = scanner.skipSpace(1);
            while (text.charAt(at) != ']') {
                int end = scanner.endOfValue(at);
                elements.add(new RawJson(text.substring(at, end)));
                at = afterComma(scanner, end);
            }
            return elements;
        } catch (NotJsonException | TooDeepException e) {
            throw new IllegalStateException("The text was scanned before", e);
        }
    }

    /** The decoded string; lone surrogates are U+FFFD, as Go decodes them. Only for strings. */
    public String string() {
        requireKind(Kind.STRING);
        return GoJson.unquote(text);
    }

    /** The text as Go's encoder passes raw values on: see {@link GoJson#compact}. */
    public String compact() {
        return GoJson.compact(text);
    }

    private int afterComma(JsonScanner scanner, int end) {
        int at = scanner.skipSpace(end);
        return text.charAt(at) == ',' ? scanner.skipSpace(at + 1) : at;
    }

    private void requireKind(Kind kind) {
        if (kind() != kind) {
            throw new IllegalStateException("A JSON " + kind() + " is not of the kind " + kind);
        }
    }
}
