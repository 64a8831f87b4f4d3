package dev.precast.serving.upstream;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Header lines in order, every line of a name kept. Names compare without regard to case. Immutable. */
public final class HeaderLines {
    public static final HeaderLines NONE = new HeaderLines(Map.of());

    private final Map<String, List<String>> lines;

    private HeaderLines(Map<String, List<String>> lines) {
        this.lines = lines;
    }

    /** Every line of the name, in order; empty when there is none. */
    public List<String> all(String name) {
        return lines.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /** These lines and one more. */
    public HeaderLines plus(String name, String value) {
        Map<String, List<String>> more = new LinkedHashMap<>(lines);
        List<String> values = new ArrayList<>(all(name));
        values.add(value);
        more.put(name.toLowerCase(Locale.ROOT), List.copyOf(values));
        return new HeaderLines(more);
    }

    /** These lines without those of the name. */
    public HeaderLines without(String name) {
        Map<String, List<String>> fewer = new LinkedHashMap<>(lines);
        fewer.remove(name.toLowerCase(Locale.ROOT));
        return new HeaderLines(fewer);
    }

    /** Only the lines of these names, given in lower case. */
    public HeaderLines only(Iterable<String> names) {
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String name : names) {
            if (lines.containsKey(name)) {
                kept.put(name, all(name));
            }
        }
        return new HeaderLines(kept);
    }

    /** Calls {@code each} with every name, in lower case, and line. */
    public void forEach(BiConsumer<String, String> each) {
        lines.forEach((name, values) -> values.forEach(value -> each.accept(name, value)));
    }

    /** From names in any case to their lines. */
    public static HeaderLines of(Map<String, List<String>> lines) {
        Map<String, List<String>> lower = new LinkedHashMap<>();
        lines.forEach((name, values) -> lower.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>())
                .addAll(values));
        lower.replaceAll((name, values) -> List.copyOf(values));
        return new HeaderLines(lower);
    }

    /** Names only: values may be credentials. */
    @Override
    public String toString() {
        return "HeaderLines" + lines.keySet();
    }
}
