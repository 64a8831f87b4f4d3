package dev.precast.converter.topology;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What decides a tag's variants besides its image. Its text says when two builds of the same image would be the same; readable,
 * for those who look into the store.
 *
 * @param keys ids of the keys that sign; {@link #EPHEMERAL} for one that lived for one run only
 * @param platforms in order, comma-separated
 */
record BuiltWith(int revision, Set<String> keys, String platforms) {
    /** Stands for whatever key an earlier run made for itself, so that a restart without configured keys re-signs nothing. */
    static final Set<String> EPHEMERAL = Set.of("ephemeral");

    private static final Pattern TEXT = Pattern.compile("revision=(\\d{1,9}) keys=(\\S*) platforms=(\\S*)");

    BuiltWith {
        keys = new TreeSet<>(keys);
    }

    /** Of a text by {@link #toString}; of any other text, something that equals no build. */
    static BuiltWith parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return new BuiltWith(-1, Set.of(), text);
        }
        Set<String> keys = matcher.group(2).isEmpty()
                ? Set.of()
                : new TreeSet<>(Arrays.asList(matcher.group(2).split(",")));
        return new BuiltWith(Integer.parseInt(matcher.group(1)), keys, matcher.group(3));
    }

    /** What decides which manifests are offered; the keys only decide how one of them is signed. */
    String withoutKeys() {
        return "revision=" + revision + " platforms=" + platforms;
    }

    @Override
    public String toString() {
        return "revision=" + revision + " keys=" + String.join(",", keys) + " platforms=" + platforms;
    }
}
