package dev.precast.converter.topology;

import dev.precast.schemas.record.RepositoryPattern;
import dev.precast.schemas.record.WalkRecord;
import dev.precast.schemas.record.WalkRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What is wished to be built anew, as last read from {@code precast-walks}. One writer; thread-safe for readers. */
final class RequestTable {
    /**
     * @param offset of the last request taken in; -1 before the first
     * @param versions by pattern
     */
    record Snapshot(long offset, Map<RepositoryPattern, Long> versions) {
        /** Version of the newest request for the repository; 0 when there is none. */
        long newest(String repository) {
            long newest = 0;
            for (Map.Entry<RepositoryPattern, Long> request : versions.entrySet()) {
                if (request.getValue() > newest && request.getKey().matches(repository)) {
                    newest = request.getValue();
                }
            }
            return newest;
        }

        /** Version of the newest request of all; 0 when there is none. */
        long newest() {
            return versions.values().stream().mapToLong(Long::longValue).max().orElse(0);
        }

        /** Equal for equal requests, also across restarts. */
        String fingerprint() {
            Map<String, Long> byText = new TreeMap<>();
            versions.forEach((pattern, version) -> byText.put(pattern.text(), version));
            return byText.toString();
        }
    }

    private volatile Snapshot current = new Snapshot(-1, Map.of());

    Snapshot snapshot() {
        return current;
    }

    /** Reports, which lie in the same topic, change nothing; nor does a request with a pattern that is none. */
    synchronized void take(WalkRecord record, long offset) {
        if (record instanceof WalkRequest request) {
            RepositoryPattern.tryParse(request.pattern()).ifPresent(pattern -> {
                Map<RepositoryPattern, Long> versions = new HashMap<>(current.versions());
                versions.merge(pattern, request.version(), Math::max);
                current = new Snapshot(offset, Map.copyOf(versions));
            });
        }
    }
}
