package dev.precast.converter.topology;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.RepositorySettings;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
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

    private final AtomicReference<Snapshot> current = new AtomicReference<>(new Snapshot(0, Map.of()));

    Snapshot snapshot() {
        return current.get();
    }

    /** @param settings absent to forget the pattern */
    void put(String pattern, @Nullable RepositorySettings settings) {
        current.updateAndGet(before -> {
            Map<String, RepositorySettings> byPattern = new TreeMap<>(before.byPattern());
            if (settings == null) {
                byPattern.remove(pattern);
            } else {
                byPattern.put(pattern, settings);
            }
            return new Snapshot(before.generation() + 1, Map.copyOf(byPattern));
        });
    }
}
