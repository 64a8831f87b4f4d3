package dev.precast.launcher.cluster;

import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The signing keys and their states as they stand in their topic. */
public final class KeysTopic {
    private final KafkaConfig config;

    public KeysTopic(KafkaConfig config) {
        this.config = config;
    }

    public KeyRing read() throws IOException {
        Map<String, SigningKeyRecord> records = new TreeMap<>();
        List<IOException> faults = new ArrayList<>();
        TopicScan.read(config, TopicCatalogue.KEYS, 0, found -> {
            if (found.value() == null) {
                records.remove(found.key());
                return;
            }
            try {
                records.put(found.key(), RecordJson.read(found.value(), SigningKeyRecord.class));
            } catch (IOException e) {
                faults.add(new IOException(
                        "Cannot read the record of key " + found.key() + ": " + e.getMessage()
                                + " Look at it with `kcat -t precast-keys`.",
                        e));
            }
        });
        if (!faults.isEmpty()) {
            throw faults.get(0);
        }
        return new KeyRing(records);
    }

    /**
     * Writes states in this order, and returns once the brokers have all of them.
     *
     * @return the offset of the last one; -1 for none
     */
    public long write(List<SigningKeyRecord> states) throws IOException, InterruptedException {
        Map<String, SigningKeyRecord> records = new LinkedHashMap<>();
        states.forEach(state -> records.put(state.keyId(), state));
        return TopicWriter.write(config, TopicCatalogue.KEYS, records);
    }
}
