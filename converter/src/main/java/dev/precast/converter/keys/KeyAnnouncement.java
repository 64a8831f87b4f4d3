package dev.precast.converter.keys;

import dev.precast.converter.jws.SigningKey;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.KeyState;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.SigningKeyRecord;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a converter says of the keys that it holds. States are the operator's to choose, with one exception: as long as no key is
 * active, those that a converter holds become it, so that a key needs no more than to be there.
 */
public final class KeyAnnouncement {
    private KeyAnnouncement() {}

    /** The records to write, by record key, in order; empty when everything has been said. Pure. */
    public static Map<String, SigningKeyRecord> of(HeldKeys held, KeyRing ring, Instant now) {
        Map<String, SigningKeyRecord> records = new LinkedHashMap<>();
        boolean first = ring.in(KeyState.ACTIVE).isEmpty();
        for (SigningKey key : held.byId().values()) {
            String jwk = key.publicJwk().toJSONString();
            KeyState state = ring.find(key.keyId()).map(SigningKeyRecord::state).orElse(KeyState.AVAILABLE);
            if (ring.find(key.keyId()).isEmpty()) {
                records.put(
                        RecordKeys.availableKey(key.keyId()),
                        new SigningKeyRecord(key.keyId(), jwk, KeyState.AVAILABLE, now, null));
            }
            if (first && state == KeyState.AVAILABLE) {
                records.put(key.keyId(), new SigningKeyRecord(key.keyId(), jwk, KeyState.ACTIVE, now, null));
            }
        }
        return records;
    }
}
