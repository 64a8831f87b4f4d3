package dev.precast.converter.fuzz;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as a Go program with {@code encoding/json} understands it: of several members with one name the last counts, and struct
 * fields match names without regard to case. Written without any of Precast's own readers, to judge them.
 *
 * <p>Values are {@link Members}, {@link List}, {@link String}, {@link Literal} (numbers as written, booleans) or null.
 */
final class GoReading {
    /** Deeper texts are not judged. */
    static final int MAX_DEPTH = 500;

    /** A number or boolean as written. */
    record Literal(String text) {}

    /** Not JSON, or deeper than is judged. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** An object, members in the order of the text. */
    static final class Members {
        private final List<Map.Entry<String, @Nullable Object>> members = new ArrayList<>();

        /** What a struct field of this name is set to; null when it is not set, or set to null. */
        @Nullable
        Object field(String name) {
            Object value = null;
            for (Map.Entry<String, @Nullable Object> member : members) {
                if (fold(member.getKey()).equals(fold(name))) {
                    value = member.getValue();
                }
            }
            return value;
        }

        String text(String name) {
            return field(name) instanceof String text ? text : "";
        }

        List<?> list(String name) {
            return field(name) instanceof List<?> list ? list : List.of();
        }

        Members members(String name) {
            return field(name) instanceof Members object ? object : new Members();
        }

        boolean isTrue(String name) {
            return new Literal("true").equals(field(name));
        }

        /** What a map of this object holds: names as they are, the last of equal ones. */
        Map<String, @Nullable Object> map() {
            Map<String, @Nullable Object> map = new LinkedHashMap<>();
            members.forEach(member -> map.put(member.getKey(), member.getValue()));
            return map;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Members that && members.equals(that.members);
        }

        @Override
        public int hashCode() {
            return members.hashCode();
        }

        @Override
        public String toString() {
            return members.toString();
        }
    }

    private final String text;
    private int at;

    private GoReading(String text) {
        this.text = text;
    }

    static @Nullable Object read(String text) throws UnreadableException {
        GoReading reading = new GoReading(text);
        Object value = reading.value(0);
        reading.space();
        if (reading.at != text.length()) {
            throw new UnreadableException();
        }
        return value;
    }

    private @Nullable Object value(int depth) throws UnreadableException {
        if (depth > MAX_DEPTH) {
            throw new UnreadableException();
        }
        space();
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            default -> literal();
        };
    }

    private Members object(int depth) throws UnreadableException {
        Members object = new Members();
        at++;
        space();
        while (peek() != '}') {
            space();
            String key = string();
            space();
            expect(':');
            object.members.add(new java.util.AbstractMap.SimpleImmutableEntry<>(key, value(depth + 1)));
            comma('}');
        }
        at++;
        return object;
    }

    private List<@Nullable Object> array(int depth) throws UnreadableException {
        List<@Nullable Object> array = new ArrayList<>();
        at++;
        space();
        while (peek() != ']') {
            array.add(value(depth + 1));
            comma(']');
        }
        at++;
        return array;
    }

    private void comma(char end) throws UnreadableException {
        space();
        if (peek() != end) {
            expect(',');
            space();
        }
    }

    private String string() throws UnreadableException {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (peek() != '"') {
            char c = text.charAt(at++);
            if (c == '\\') {
                char escape = peek();
                at++;
                if (escape == 'u') {
                    out.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                    at += 4;
                } else {
                    out.append("\b\f\n\r\t\"\\/".charAt("bfnrt\"\\/".indexOf(escape)));
                }
            } else {
                out.append(c);
            }
        }
        at++;
        StringBuilder whole = new StringBuilder();
        out.codePoints().forEach(c -> whole.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
        return whole.toString();
    }

    private @Nullable Literal literal() throws UnreadableException {
        int start = at;
        while (at < text.length() && ",]} \n\r\t:".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        if (start == at) {
            throw new UnreadableException();
        }
        String word = text.substring(start, at);
        return word.equals("null") ? null : new Literal(word);
    }

    private void expect(char c) throws UnreadableException {
        if (peek() != c) {
            throw new UnreadableException();
        }
        at++;
    }

    private char peek() throws UnreadableException {
        if (at >= text.length()) {
            throw new UnreadableException();
        }
        return text.charAt(at);
    }

    private void space() {
        while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** ASCII without case, and the two letters outside it that Go folds onto ASCII. */
    private static String fold(String name) {
        StringBuilder folded = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c == '\u017F' ? 's' : c == '\u212A' ? 'k' : c);
        }
        return folded.toString();
    }
}
