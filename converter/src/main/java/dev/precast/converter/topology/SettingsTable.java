package dev.precast.converter.topology;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The settings as last read from their topic. Written by the global thread, read by the stream threads. Thread-safe. */
final class SettingsTable {
    /** @param generation grows with every change */
    record Snapshot(long generation, Map<String, RepositorySettings> byPattern) {
        RepositorySettings inForce(String repository) {
            return RepositoryPattern.inForce(byPattern, repository);
        }

        /** Equal for equal settings, also across restarts. */
        String fingerprint() {
            return new TreeMap<>(byPattern).toString();
        }
    }

    private volatile Snapshot current = new Snapshot(0, Map.of());

    Snapshot snapshot() {
        return current;
    }

    /** @param settings absent to forget the pattern */
    synchronized void put(String pattern, @Nullable RepositorySettings settings) {
        Map<String, RepositorySettings> byPattern = new TreeMap<>(current.byPattern());
        if (settings == null) {
            byPattern.remove(pattern);
        } else {
            byPattern.put(pattern, settings);
        }
        current = new Snapshot(current.generation() + 1, Map.copyOf(byPattern));
    }
}
