package dev.precast.converter.keys;

import dev.precast.converter.jws.SigningKey;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The private keys at hand. Shows key ids only.
 *
 * @param byId in the order of the ids
 * @param faults one sentence for each file that could not be used
 */
public record HeldKeys(Map<String, SigningKey> byId, List<String> faults) {
    public static final HeldKeys NONE = new HeldKeys(Map.of(), List.of());

    public HeldKeys {
        byId = java.util.Collections.unmodifiableMap(new TreeMap<>(byId));
        faults = List.copyOf(faults);
    }

    /** Without faults. */
    public static HeldKeys of(List<SigningKey> keys) {
        Map<String, SigningKey> byId = new TreeMap<>();
        keys.forEach(key -> byId.put(key.keyId(), key));
        return new HeldKeys(byId, List.of());
    }

    public boolean isEmpty() {
        return byId.isEmpty();
    }

    @Override
    public String toString() {
        return "HeldKeys" + byId.keySet();
    }
}
