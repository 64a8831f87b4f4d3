package dev.precast.schemas.record;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All signing keys as {@code precast-keys} has them: the desired state of what signs. Immutable.
 *
 * @param records by record key
 */
public record KeyRing(Map<String, SigningKeyRecord> records) {
    public static final KeyRing EMPTY = new KeyRing(Map.of());

    public KeyRing {
        records = Map.copyOf(records);
    }

    /** @param value absent to forget the record */
    public KeyRing with(String recordKey, @Nullable SigningKeyRecord value) {
        Map<String, SigningKeyRecord> changed = new TreeMap<>(records);
        if (value == null) {
            changed.remove(recordKey);
        } else {
            changed.put(recordKey, value);
        }
        return new KeyRing(changed);
    }

    /** One record per key: the state that was chosen for it, else what a converter said. Newest state first. */
    public List<SigningKeyRecord> keys() {
        Map<String, SigningKeyRecord> byId = new TreeMap<>();
        records.forEach((recordKey, record) -> {
            if (recordKey.equals(record.keyId())) {
                byId.put(record.keyId(), record);
            } else {
                byId.putIfAbsent(record.keyId(), record);
            }
        });
        return byId.values().stream()
                .sorted(Comparator.comparing(SigningKeyRecord::since).reversed())
                .toList();
    }

    public Optional<SigningKeyRecord> find(String keyId) {
        return keys().stream().filter(key -> key.keyId().equals(keyId)).findFirst();
    }

    public List<SigningKeyRecord> in(KeyState state) {
        return keys().stream().filter(key -> key.state() == state).toList();
    }

    /** Ids of the keys that variants should carry signatures by at {@code now}, in order. */
    public Set<String> signing(Instant now) {
        return ids(key -> key.signs(now));
    }

    /** Ids of the keys by which nothing may be served any more, in order. */
    public Set<String> retired() {
        return ids(key -> key.state() == KeyState.RETIRED);
    }

    /** The keys that auditors should pin: active and previous ones. */
    public List<SigningKeyRecord> published() {
        return keys().stream()
                .filter(key -> key.state() == KeyState.ACTIVE || key.state() == KeyState.PREVIOUS)
                .toList();
    }

    private Set<String> ids(Predicate<SigningKeyRecord> which) {
        return keys().stream()
                .filter(which)
                .map(SigningKeyRecord::keyId)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
