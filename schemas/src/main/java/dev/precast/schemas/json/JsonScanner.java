package dev.precast.schemas.json;

import java.util.BitSet;

/**
 * Finds where values of a JSON text end, without building anything of them. The grammar is RFC 8259, which is also what Go's
 * scanner accepts ({@code encoding/json/scanner.go} at go1.20). One pass, no recursion: depth costs one bit a level.
 */
final class JsonScanner {
    /** The text is not JSON; the offset counts UTF-16 units. */
    static final class NotJsonException extends Exception {
        private static final long serialVersionUID = 1L;
        private final int offset;

        NotJsonException(String message, int offset) {
            super(message, null, false, false);
            this.offset = offset;
        }

        int offset() {
            return offset;
        }
    }

    /** Nesting exceeds the limit. */
    static final class TooDeepException extends Exception {
        private static final long serialVersionUID = 1L;

        TooDeepException(int limit) {
            super("nested deeper than " + limit + " levels", null, false, false);
        }
    }

    private final String text;
    private final int maxDepth;
    /** One bit a level: set for objects, clear for arrays. */
    private final BitSet objects = new BitSet();

    JsonScanner(String text, int maxDepth) {
        this.text = text;
        this.maxDepth = maxDepth;
    }

    /** The offset after the value that starts at {@code start} (no space before it). */
    int endOfValue(int start) throws NotJsonException, TooDeepException {
        int depth = 0;
        int at = start;
        while (true) {
            char c = peek(at);
            if (c == '{' || c == '[') {
                if (++depth > maxDepth) {
                    throw new TooDeepException(maxDepth);
                }
                objects.set(depth, c == '{');
                at = skipSpace(at + 1);
                if (peek(at) != closing(depth)) {
                    at = c == '{' ? endOfKey(at) : at;
                    continue;
                }
                at++;
                depth--;
            } else {
                at = endOfScalar(at, c);
            }
            while (true) {
                if (depth == 0) {
                    return at;
                }
                at = skipSpace(at);
                char next = peek(at);
                if (next == ',') {
                    at = skipSpace(at + 1);
                    at = objects.get(depth) ? endOfKey(at) : at;
                    break;
                }
                if (next != closing(depth)) {
                    throw bad(at, "a comma or " + closing(depth));
                }
                at++;
                depth--;
            }
        }
    }

    int skipSpace(int from) {
        int at = from;
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    /** The offset after the string that starts at {@code start}. */
    int endOfString(int start) throws NotJsonException {
        if (peek(start) != '"') {
            throw bad(start, "a string");
        }
        int at = start + 1;
        while (true) {
            char c = peek(at);
            if (c == '"') {
                return at + 1;
            }
            if (c < 0x20) {
                throw bad(at, "no control character in a string");
            }
            at = c == '\\' ? endOfEscape(at) : at + 1;
        }
    }

    private int endOfEscape(int backslash) throws NotJsonException {
        char kind = peek(backslash + 1);
        if (kind == 'u') {
            for (int i = 2; i < 6; i++) {
                if (Character.digit(peek(backslash + i), 16) < 0 || peek(backslash + i) > 'f') {
                    throw bad(backslash + i, "four hex digits");
                }
            }
            return backslash + 6;
        }
        if ("\"\\/bfnrt".indexOf(kind) < 0) {
            throw bad(backslash + 1, "an escape of RFC 8259");
        }
        return backslash + 2;
    }

    /** From a key to the start of its value. */
    private int endOfKey(int start) throws NotJsonException {
        int colon = skipSpace(endOfString(start));
        if (peek(colon) != ':') {
            throw bad(colon, "a colon");
        }
        return skipSpace(colon + 1);
    }

    private int endOfScalar(int start, char first) throws NotJsonException {
        return switch (first) {
            case '"' -> endOfString(start);
            case 't' -> endOfWord(start, "true");
            case 'f' -> endOfWord(start, "false");
            case 'n' -> endOfWord(start, "null");
            default -> endOfNumber(start);
        };
    }

    private int endOfWord(int start, String word) throws NotJsonException {
        if (!text.startsWith(word, start)) {
            throw bad(start, word);
        }
        return start + word.length();
    }

    private int endOfNumber(int start) throws NotJsonException {
        int at = peek(start) == '-' ? start + 1 : start;
        at = at < text.length() && text.charAt(at) == '0' ? at + 1 : endOfDigits(at);
        if (at < text.length() && text.charAt(at) == '.') {
            at = endOfDigits(at + 1);
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            at = endOfDigits(at);
        }
        return at;
    }

    private int endOfDigits(int start) throws NotJsonException {
        int at = start;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw bad(start, "a value");
        }
        return at;
    }

    private char closing(int depth) {
        return objects.get(depth) ? '}' : ']';
    }

    private char peek(int at) throws NotJsonException {
        if (at >= text.length()) {
            throw new NotJsonException("found the end, expected more", at);
        }
        return text.charAt(at);
    }

    private NotJsonException bad(int at, String expected) {
        String found = at < text.length() ? String.format("U+%04X", (int) text.charAt(at)) : "the end";
        return new NotJsonException("found " + found + ", expected " + expected, at);
    }
}
