package dev.precast.schemas.json;

import java.util.Comparator;

/**
 * JSON text as Go's {@code encoding/json} writes it with HTML escaping on, which is what Distribution's payloads are made of
 * ({@code encode.go} and {@code indent.go} at go1.20; before go1.22, which writes {@code \b} and {@code \f}). Pure.
 */
public final class GoJson {
    /** Orders keys as Go sorts map keys: by their UTF-8 bytes, which is by code point, not by UTF-16 unit. */
    public static final Comparator<String> KEY_ORDER = GoJson::compareCodePoints;

    private static final String HEX = "0123456789abcdef";
    private static final boolean[] PLAIN = new boolean[0x80];

    static {
        for (char c = 0x20; c < PLAIN.length; c++) {
            PLAIN[c] = c != '"' && c != '\\' && !isHtmlEscaped(c);
        }
    }

    private GoJson() {}

    /** A quoted string. Control characters, {@code < > &} and U+2028/2029 are escaped, nothing else outside ASCII is. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        appendQuoted(out, text);
        return out.toString();
    }

    /** As {@link #quote}, onto {@code out}. Lone surrogates become U+FFFD. */
    public static void appendQuoted(StringBuilder out, String text) {
        out.append('"');
        int plainFrom = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPlain(c)) {
                continue;
            }
            out.append(text, plainFrom, i);
            plainFrom = i + 1;
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || isHtmlEscaped(c)) {
                        appendUnicodeEscape(out, c);
                    } else {
                        out.append(isLoneSurrogate(text, i) ? '\uFFFD' : c);
                    }
                }
            }
        }
        out.append(text, plainFrom, text.length()).append('"');
    }

    /** Whether a character is surely written as it is: runs of these are copied at once. */
    private static boolean isPlain(char c) {
        return c < 0x80 ? PLAIN[c] : !Character.isSurrogate(c) && !isHtmlEscaped(c);
    }

    /**
     * A JSON text with the space between its tokens removed and {@code < > &} and U+2028/2029 escaped; everything else is left
     * as written, escapes and numbers included.
     *
     * @param json valid JSON
     */
    public static String compact(String json) {
        StringBuilder out = new StringBuilder(json.length());
        boolean inString = false;
        int keptFrom = 0;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            if (isHtmlEscaped(c)) {
                out.append(json, keptFrom, i);
                keptFrom = i + 1;
                appendUnicodeEscape(out, c);
            } else if (inString && c == '\\') {
                i++;
            } else if (c == '"') {
                inString = !inString;
            } else if (!inString && JsonScanner.isSpace(c)) {
                out.append(json, keptFrom, i);
                keptFrom = i + 1;
            }
        }
        return out.append(json, keptFrom, json.length()).toString();
    }

    /**
     * The string that a JSON string literal stands for. Lone surrogates, which only escapes can make, become U+FFFD.
     *
     * @param literal valid, with its quotes
     */
    public static String unquote(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal.substring(1, literal.length() - 1);
        }
        StringBuilder out = new StringBuilder(literal.length());
        for (int i = 1; i < literal.length() - 1; i++) {
            char c = literal.charAt(i);
            if (c != '\\') {
                out.append(c);
                continue;
            }
            char kind = literal.charAt(++i);
            switch (kind) {
                case 'b' -> out.append('\b');
                case 'f' -> out.append('\f');
                case 'n' -> out.append('\n');
                case 'r' -> out.append('\r');
                case 't' -> out.append('\t');
                case 'u' -> {
                    out.append((char) Integer.parseInt(literal, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> out.append(kind);
            }
        }
        return replaceLoneSurrogates(out);
    }

    private static String replaceLoneSurrogates(StringBuilder text) {
        for (int i = 0; i < text.length(); i++) {
            if (isLoneSurrogate(text, i)) {
                text.setCharAt(i, '\uFFFD');
            }
        }
        return text.toString();
    }

    private static boolean isLoneSurrogate(CharSequence text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private static boolean isHtmlEscaped(char c) {
        return c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029';
    }

    private static void appendUnicodeEscape(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX.charAt(c >> shift & 0xF));
        }
    }

    private static int compareCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                // Surrogates stand for code points above every other UTF-16 unit.
                boolean surrogates = Character.isSurrogate(x) != Character.isSurrogate(y);
                return surrogates ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
