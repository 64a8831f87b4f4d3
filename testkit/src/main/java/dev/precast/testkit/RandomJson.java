package dev.precast.testkit;

import java.util.List;
import java.util.Random;

/**
 * Seeded JSON text of every spelling the grammar has: odd numbers, escapes where none are needed, lone surrogates as escapes,
 * control characters, duplicate nested keys, space anywhere between tokens. Always valid JSON and valid UTF-8.
 */
final class RandomJson {
    private static final List<String> NUMBERS = List.of(
            "0",
            "-0",
            "1",
            "-17",
            "1.0",
            "1.50e3",
            "1E3",
            "1e-7",
            "0.000",
            "12345678901234567890123",
            "9007199254740993",
            "-0.0e+00",
            "3.141592653589793238462643383279",
            "1e400");
    private static final List<String> SPACES = List.of("", "", "", " ", "\n", "\t", "\r\n", "  \n\t ");
    private static final List<String> WORDS = List.of(
            "/bin/sh -c #(nop) CMD [\"sh\"]",
            "RUN apt-get update && apt-get install -y curl <deps> # buildkit",
            "COPY dir:0123 in /app ",
            "žluťoučký kůň",
            "日本語のラベル",
            "\uD83D\uDC33 whale \uD83D\uDE00",
            "https://example.org/?a=1&b=<2>",
            "",
            " ",
            "C:\\Windows\\System32",
            "tab\tnew\nline\rreturn",
            "\u2028line\u2029paragraph",
            "\uFEFFbom \uFFFD replacement \uFFFF",
            "nul\u0000 bell\u0007 bs\b ff\f esc\u001B us\u001F del\u007F nel\u0085",
            "</script>");

    private final Random random;
    private final boolean spaced;

    RandomJson(Random random) {
        this.random = random;
        this.spaced = random.nextInt(3) == 0;
    }

    /** Space between tokens, most often none. */
    String space() {
        return spaced ? pick(SPACES) : "";
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /** Any text, most often of one line. */
    String text() {
        return switch (random.nextInt(8)) {
            case 0 -> pick(WORDS) + pick(WORDS);
            case 1, 2 -> characters(random.nextInt(40));
            default -> pick(WORDS);
        };
    }

    private String characters(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(
                    switch (random.nextInt(6)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> 0x80 + random.nextInt(0xD800 - 0x80);
                        case 2 -> 0xE000 + random.nextInt(0x2000);
                        case 3 -> 0x10000 + random.nextInt(0x100000);
                        default -> 0x20 + random.nextInt(0x60);
                    });
        }
        return text.toString();
    }

    /** A string literal for {@link #text}, each character spelled in one of the ways that JSON has. */
    String string() {
        return literal(text(), random.nextInt(4) == 0);
    }

    /**
     * A literal that stands for {@code text}, or for it and more.
     *
     * @param surrogates whether escapes of lone surrogates are put in between
     */
    String literal(String text, boolean surrogates) {
        StringBuilder out = new StringBuilder("\"");
        int escapeOneIn = random.nextBoolean() ? 4 : 1000;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean half = Character.isSurrogate(c);
            if (surrogates && !half && random.nextInt(20) == 0) {
                out.append(pick(List.of("\\ud800", "\\uDFFF", "\\ud83dx", "\\udc33\\ud83d")));
            }
            if (c < 0x20 || c == '"' || c == '\\') {
                out.append(escape(c));
            } else if (Character.isHighSurrogate(c)) {
                boolean escaped = random.nextInt(escapeOneIn) == 0;
                out.append(escaped ? hex(c) + hex(text.charAt(i + 1)) : text.substring(i, i + 2));
                i++;
            } else {
                out.append(random.nextInt(escapeOneIn) == 0 ? escape(c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }

    private String escape(char c) {
        int at = "\"\\/\b\f\n\r\t".indexOf(c);
        return at >= 0 && random.nextBoolean() ? "\\" + "\"\\/bfnrt".charAt(at) : hex(c);
    }

    private String hex(char c) {
        return String.format(random.nextBoolean() ? "\\u%04x" : "\\u%04X", (int) c);
    }

    /** Any value, nested at most {@code depth} levels. */
    String value(int depth) {
        int kind = random.nextInt(depth > 0 ? 9 : 6);
        return switch (kind) {
            case 0 -> pick(NUMBERS);
            case 1 -> pick(List.of("true", "false", "null"));
            case 2, 3, 4, 5 -> string();
            case 6 -> array(depth);
            default -> object(depth);
        };
    }

    private String array(int depth) {
        StringBuilder out = new StringBuilder("[").append(space());
        int size = random.nextInt(5);
        for (int i = 0; i < size; i++) {
            out.append(i == 0 ? "" : "," + space()).append(value(depth - 1)).append(space());
        }
        return out.append(']').toString();
    }

    private String object(int depth) {
        StringBuilder out = new StringBuilder("{").append(space());
        int size = random.nextInt(6);
        for (int i = 0; i < size; i++) {
            // Few keys, so that some come twice.
            String key = random.nextInt(3) == 0 ? string() : pick(List.of("\"a\"", "\"b\"", "\"rootfs\"", "\"A\""));
            out.append(i == 0 ? "" : "," + space());
            out.append(key)
                    .append(space())
                    .append(':')
                    .append(space())
                    .append(value(depth - 1))
                    .append(space());
        }
        return out.append('}').toString();
    }
}
