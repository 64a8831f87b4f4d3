package dev.precast.serving.leaks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;

/** What one mode was asked and what came out. Thread-safe. */
final class Tally {
    private final List<String> leaks = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> there = Collections.synchronizedList(new ArrayList<>());
    private final List<Long> nowhere = Collections.synchronizedList(new ArrayList<>());
    private int calls;
    private int served;
    private int refused;

    /** Counts one call. */
    synchronized void call(boolean gotIt) {
        calls++;
        served += gotIt ? 1 : 0;
        refused += gotIt ? 0 : 1;
    }

    void leak(String what) {
        leaks.add(what);
    }

    /** How long a refusal took for what exists, and for what does not. */
    void times(long existing, long missing) {
        there.add(existing);
        nowhere.add(missing);
    }

    List<String> leaks() {
        return List.copyOf(leaks);
    }

    synchronized int calls() {
        return calls;
    }

    synchronized int served() {
        return served;
    }

    /** A row: calls, served, refused, leaks, median times in µs, and the gap between them. */
    synchronized String row(String mode) {
        double existing = median(there) / 1e3;
        double missing = median(nowhere) / 1e3;
        return "| `%s` | %,d | %,d | %,d | %d | %.0f µs | %.0f µs | %+.1f %% |%n"
                .formatted(
                        mode,
                        calls,
                        served,
                        refused,
                        leaks.size(),
                        existing,
                        missing,
                        missing == 0 ? 0 : 100 * (existing - missing) / missing);
    }

    private static double median(Collection<Long> values) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }
}
