package dev.precast.converter.topology;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The settings as last read from their topic. Written by the global thread, read by the stream threads. Thread-safe. */
final class SettingsTable {
    private record Row(RepositoryPattern pattern, RepositorySettings settings) {}

    /**
     * @param offset of the last record taken in; -1 before the first
     * @param rows the most specific pattern first
     */
    record Snapshot(long offset, List<Row> rows) {
        /** The same answer as {@link RepositoryPattern#inForce}, without ordering the patterns for each tag. */
        RepositorySettings inForce(String repository) {
            for (Row row : rows) {
                if (row.pattern().matches(repository)) {
                    return row.settings();
                }
            }
            return RepositorySettings.OFF;
        }

        /** Equal for equal settings, also across restarts. */
        String fingerprint() {
            TreeMap<String, String> byPattern = new TreeMap<>();
            rows.forEach(
                    row -> byPattern.put(row.pattern().text(), row.settings().toString()));
            return byPattern.toString();
        }
    }

    private volatile Snapshot current = new Snapshot(-1, List.of());

    Snapshot snapshot() {
        return current;
    }

    /**
     * @param key a pattern; anything else is passed over, whoever wrote it
     * @param settings absent to forget the pattern
     */
    synchronized void put(String key, @Nullable RepositorySettings settings, long offset) {
        List<Row> rows = new ArrayList<>(current.rows());
        RepositoryPattern.tryParse(key).ifPresent(pattern -> {
            rows.removeIf(row -> row.pattern().equals(pattern));
            if (settings != null) {
                rows.add(new Row(pattern, settings));
            }
        });
        rows.sort(Comparator.comparing(Row::pattern, RepositoryPattern.MOST_SPECIFIC_FIRST));
        current = new Snapshot(offset, List.copyOf(rows));
    }
}
