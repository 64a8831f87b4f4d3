package dev.precast.converter.topology;

import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.schemas.record.KeyRing;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Who signs now.
 *
 * @param wanted ids of the keys that should sign
 * @param keys of them, those that this converter holds: they sign. None: nothing is published that needs a signature
 * @param missing of them, those that it does not hold
 * @param retired ids of the keys by which nothing may be served any more
 */
record Signers(Set<String> wanted, List<SigningKey> keys, Set<String> missing, Set<String> retired) {
    Signers {
        wanted = Set.copyOf(wanted);
        keys = List.copyOf(keys);
        missing = Set.copyOf(missing);
        retired = Set.copyOf(retired);
    }

    /**
     * The held ones of the keys that should sign. A key made for this run only signs when nobody has any other.
     *
     * @param ephemeral asked only then
     */
    static Signers of(KeyRing ring, HeldKeys held, Instant now, Supplier<SigningKey> ephemeral) {
        Set<String> wanted = ring.signing(now);
        if (wanted.isEmpty() && held.isEmpty()) {
            return new Signers(BuiltWith.EPHEMERAL, List.of(ephemeral.get()), Set.of(), ring.retired());
        }
        Set<String> missing = new TreeSet<>(wanted);
        missing.removeAll(held.byId().keySet());
        List<SigningKey> keys = held.byId().values().stream()
                .filter(key -> wanted.contains(key.keyId()))
                .toList();
        return new Signers(wanted, keys, missing, ring.retired());
    }

    /** Ids to remember of what these sign: of those that do, not of those that should. */
    Set<String> signing() {
        if (wanted.equals(BuiltWith.EPHEMERAL)) {
            return wanted;
        }
        Set<String> signing = new TreeSet<>(wanted);
        signing.removeAll(missing);
        return signing;
    }

    /** Whether nothing can be signed: the keys that should are not here. */
    boolean areAbsent() {
        return keys.isEmpty();
    }

    /** Whether that stays so until somebody puts a key's file there, or chooses another key. */
    boolean lackAFile() {
        return areAbsent() && !missing.isEmpty();
    }
}
