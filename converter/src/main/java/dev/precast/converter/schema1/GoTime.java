package dev.precast.converter.schema1;

import java.time.YearMonth;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as Go reads them from JSON and writes them again ({@code time.Time} {@code UnmarshalJSON} and {@code MarshalJSON}).
 * The wall clock and the offset stay; only the spelling is normalised. What Go 1.19 (Debian's Distribution 2.8.2) and Go 1.20
 * (the released 2.8.3) treat alike is treated so here; offsets that only one of them accepts, 24 hours and more, are refused.
 */
public final class GoTime {
    /** How Go writes a time that was never set. */
    public static final String ZERO = "0001-01-01T00:00:00Z";

    // Go takes a one-digit hour, and a comma before the fraction.
    private static final Pattern RFC3339 =
            Pattern.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})"
                    + "(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))");
    private static final int MAX_FRACTION = 9;

    private GoTime() {}

    /**
     * The time as Go writes it, or empty where Go refuses it.
     *
     * @param text between the quotes, as written: Go does not resolve escapes here
     */
    public static Optional<String> normalize(String text) {
        Matcher matcher = RFC3339.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int month = number(matcher, 2);
        int day = number(matcher, 3);
        boolean date = month >= 1
                && month <= 12
                && day >= 1
                && day <= YearMonth.of(number(matcher, 1), month).lengthOfMonth();
        if (!date || number(matcher, 4) > 23 || number(matcher, 5) > 59 || number(matcher, 6) > 59) {
            return Optional.empty();
        }
        String wallClock = matcher.group(1) + "-" + matcher.group(2) + "-" + matcher.group(3) + "T"
                + twoDigits(number(matcher, 4)) + ":" + matcher.group(5) + ":" + matcher.group(6);
        return offset(matcher).map(offset -> wallClock + fraction(matcher.group(7)) + offset);
    }

    private static String fraction(@org.jspecify.annotations.Nullable String digits) {
        if (digits == null) {
            return "";
        }
        int end = Math.min(digits.length(), MAX_FRACTION);
        while (end > 0 && digits.charAt(end - 1) == '0') {
            end--;
        }
        return end == 0 ? "" : "." + digits.substring(0, end);
    }

    private static Optional<String> offset(Matcher matcher) {
        if (matcher.group(8) == null) {
            return Optional.of("Z");
        }
        // Go lets 60 minutes pass and carries them over.
        int minutes = number(matcher, 9) * 60 + number(matcher, 10);
        if (number(matcher, 10) > 60 || minutes >= 24 * 60) {
            return Optional.empty();
        }
        if (minutes == 0) {
            return Optional.of("Z");
        }
        return Optional.of(matcher.group(8) + twoDigits(minutes / 60) + ":" + twoDigits(minutes % 60));
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    private static String twoDigits(int number) {
        return number < 10 ? "0" + number : Integer.toString(number);
    }
}
