package dev.precast.launcher.up;

import dev.precast.converter.ConverterConfig;
import dev.precast.converter.jws.SigningKey;
import dev.precast.converter.keys.HeldKeys;
import dev.precast.converter.keys.KeySource;
import dev.precast.launcher.cluster.KeysTopic;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.SigningKeyRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code up --key FILE}: the keys given become active, as {@code --convert} turns conversion on. */
final class GivenKeys {
    private final Map<String, String> values;
    private final List<Path> given;

    /** @param given files and directories named by the operator; the directory of our own is not among them */
    GivenKeys(Map<String, String> values, List<Path> given) {
        this.values = Map.copyOf(values);
        this.given = List.copyOf(given);
    }

    /**
     * Writes what follows; returns what was done.
     *
     * @param alone whether no other converter can hold keys: then active ones that are not at hand are so no longer
     */
    String activate(KafkaConfig kafka, boolean alone) throws KeyException, IOException, InterruptedException {
        HeldKeys wanted = new KeySource(given).read();
        HeldKeys held = new KeySource(ConverterConfig.from(values).keys()).read();
        KeysTopic topic = new KeysTopic(kafka);
        List<SigningKeyRecord> states =
                changes(topic.read(), wanted, held.byId().keySet(), Instant.now(), alone);
        topic.write(states);
        return states.isEmpty() ? "as they were" : states.size() + (states.size() == 1 ? " state" : " states") + " set";
    }

    /**
     * A key that was never used becomes active. One that was replaced by a rotation becomes so only if no active key is at hand:
     * a start with the same options as ever does not take the rotation back. Pure.
     */
    static List<SigningKeyRecord> changes(KeyRing ring, HeldKeys wanted, Set<String> held, Instant now, boolean alone)
            throws KeyException {
        boolean anyActive =
                ring.in(KeyState.ACTIVE).stream().map(SigningKeyRecord::keyId).anyMatch(held::contains);
        List<SigningKeyRecord> states = new ArrayList<>();
        for (SigningKey key : wanted.byId().values()) {
            Optional<KeyState> state = ring.find(key.keyId()).map(SigningKeyRecord::state);
            if (state.equals(Optional.of(KeyState.RETIRED))) {
                throw new KeyException("Cannot sign with the key " + key.keyId()
                        + " of --key: found it retired, expected one that is not. Leave it out, or make another with"
                        + " `precast keys generate`.");
            }
            boolean unused = state.isEmpty() || state.get() == KeyState.AVAILABLE;
            if (unused || (!anyActive && state.get() == KeyState.PREVIOUS)) {
                states.add(record(key.keyId(), key.publicJwk().toJSONString(), KeyState.ACTIVE, now, null));
            }
        }
        if (alone && !wanted.isEmpty()) {
            ring.in(KeyState.ACTIVE).stream()
                    .filter(active -> !held.contains(active.keyId()))
                    .forEach(active -> states.add(record(active.keyId(), active.jwk(), KeyState.PREVIOUS, now, null)));
        }
        return states;
    }

    private static SigningKeyRecord record(
            String keyId, String jwk, KeyState state, Instant since, @Nullable Instant until) {
        return new SigningKeyRecord(keyId, jwk, state, since, until);
    }
}
