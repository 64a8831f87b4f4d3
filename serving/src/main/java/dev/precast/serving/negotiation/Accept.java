package dev.precast.serving.negotiation;

import dev.precast.schemas.image.MediaTypes;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Everything that a request's Accept lines say: clients send one line per type, or one line for all, in any order. The order and
 * the size of {@code q} mean nothing, as with Docker Distribution; only {@code q=0} does: that type is not accepted.
 *
 * @param types media types accepted by name, lower case, without parameters and without wildcards
 * @param wildcard whether a range such as {@code *}{@code /*} or {@code application/*} is accepted
 * @param excluded types that stand there with {@code q=0} and nowhere without
 */
record Accept(Set<String> types, boolean wildcard, Set<String> excluded) {
    /** A header of 32 KiB holds no more ranges than this; what comes after is not read. */
    private static final int MAX_RANGES = 16_384;

    private static final String JSON = "application/json";

    private record Range(String type, boolean accepted) {}

    Accept {
        types = Set.copyOf(types);
        excluded = Set.copyOf(excluded);
    }

    /** Reads all Accept lines of a request; malformed ranges are passed over. */
    static Accept parse(List<String> lines) {
        Set<String> types = new LinkedHashSet<>();
        Set<String> excluded = new LinkedHashSet<>();
        boolean wildcard = false;
        for (Range range : ranges(lines)) {
            if (!range.accepted()) {
                excluded.add(range.type());
            } else if (range.type().equals("*/*") || range.type().equals("application/*")) {
                wildcard = true;
            } else {
                types.add(range.type());
            }
        }
        excluded.removeAll(types);
        return new Accept(types, wildcard && !excluded.contains("*/*"), excluded);
    }

    boolean accepts(String type) {
        return types.contains(type);
    }

    /** Schema 1 in either of its names: whoever reads one reads the other, with its signatures. */
    boolean acceptsSchema1() {
        return types.contains(MediaTypes.SCHEMA1) || types.contains(MediaTypes.SCHEMA1_SIGNED);
    }

    boolean excludesSchema1() {
        return !acceptsSchema1() && excluded.contains(MediaTypes.SCHEMA1_SIGNED);
    }

    boolean knowsOci() {
        return types.contains(MediaTypes.OCI_MANIFEST) || types.contains(MediaTypes.OCI_INDEX);
    }

    /** Whether no manifest type is asked for by name: no header at all, only wildcards, only {@code application/json}. */
    boolean namesNothing() {
        return types.isEmpty() || types.equals(Set.of(JSON));
    }

    private static List<Range> ranges(List<String> lines) {
        List<Range> ranges = new ArrayList<>();
        for (String line : lines) {
            for (String part : line.split(",", MAX_RANGES)) {
                String type = MediaTypes.withoutParameters(part);
                int slash = type.indexOf('/');
                if (slash > 0 && slash < type.length() - 1) {
                    ranges.add(new Range(type, !hasZeroQuality(part)));
                }
            }
        }
        return ranges;
    }

    /** RFC 9110 §12.4.2: {@code q=0}, with up to three zeros after the point. */
    private static boolean hasZeroQuality(String range) {
        String[] parameters = range.split(";");
        for (int i = 1; i < parameters.length; i++) {
            String parameter = parameters[i].strip().toLowerCase(Locale.ROOT);
            if (parameter.startsWith("q=")) {
                return parameter.substring(2).strip().matches("0(?:\\.0{0,3})?");
            }
        }
        return false;
    }
}
