package dev.precast.serving.view;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/**
 * The settings of all patterns, ordered once so that every request only walks them; the same answers as
 * {@link RepositoryPattern#inForce}. Immutable and thread-safe.
 */
public final class SettingsTable {
    public static final SettingsTable EMPTY = new SettingsTable(Map.of());

    private record Row(RepositoryPattern pattern, RepositorySettings settings) {}

    private final List<Row> rows;

    public SettingsTable(Map<String, RepositorySettings> settings) {
        rows = settings.entrySet().stream()
                .map(SettingsTable::row)
                .sorted(Comparator.comparing(Row::pattern, RepositoryPattern.MOST_SPECIFIC_FIRST))
                .toList();
    }

    /** The settings in force for a repository; {@link RepositorySettings#OFF} when no pattern matches. */
    public RepositorySettings inForce(String repository) {
        for (Row row : rows) {
            if (row.pattern().matches(repository)) {
                return row.settings();
            }
        }
        return RepositorySettings.OFF;
    }

    private static Row row(Entry<String, RepositorySettings> entry) {
        return new Row(new RepositoryPattern(entry.getKey()), entry.getValue());
    }
}
