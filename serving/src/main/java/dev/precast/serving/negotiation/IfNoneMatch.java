package dev.precast.serving.negotiation;

import dev.precast.schemas.image.Digest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code If-None-Match} condition of RFC 9110 §13.1.2, on the digest of the representation that would be sent. */
public final class IfNoneMatch {
    /**
     * A tag in quotes, weak or not, or, as Distribution 2.8 reads them too, without quotes. What repeats gives nothing back, so that
     * no header takes longer than its length.
     */
    private static final Pattern ENTITY_TAG =
            Pattern.compile("\\s*+(?:W/)?(?:\"([^\"]*+)\"|([^\",\\s]++))\\s*+(?:,|$)");

    private IfNoneMatch() {}

    /**
     * Whether the client has the representation already, so that 304 is the answer. Weak and strong tags compare alike; a list
     * that is malformed is read up to where it is.
     *
     * @param lines every If-None-Match header line; none: never
     */
    public static boolean matches(Digest representation, List<String> lines) {
        String expected = representation.toString();
        for (String line : lines) {
            if (line.strip().equals("*")) {
                return true;
            }
            if (names(expected, line)) {
                return true;
            }
        }
        return false;
    }

    /** Looks for each tag where the one before ended and nowhere else: a search would go over a long line once for each character. */
    static boolean names(String expected, CharSequence line) {
        Matcher tag = ENTITY_TAG.matcher(line);
        int position = 0;
        while (position < line.length() && tag.region(position, line.length()).lookingAt()) {
            if (expected.equals(tag.group(1)) || expected.equals(tag.group(2))) {
                return true;
            }
            position = tag.end();
        }
        return false;
    }
}
