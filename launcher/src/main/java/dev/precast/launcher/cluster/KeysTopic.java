package dev.precast.launcher.cluster;

import com.nimbusds.jose.jwk.JWK;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.KeyRing;
import dev.precast.schemas.record.SigningKeyRecord;
import java.io.IOException;
import java.text.ParseException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The signing keys and their states as they stand in their topic. */
public final class KeysTopic {
    private static final Logger LOG = LoggerFactory.getLogger(KeysTopic.class);

    private final KafkaConfig config;

    public KeysTopic(KafkaConfig config) {
        this.config = config;
    }

    /** @param offset of the newest record that can be read; -1 when there is none */
    public record Stand(KeyRing ring, long offset) {}

    public KeyRing read() throws IOException {
        return stand().ring();
    }

    /** The keys, and up to where they were read. */
    public Stand stand() throws IOException {
        Map<String, SigningKeyRecord> records = new TreeMap<>();
        long[] newest = {TopicWriter.NOWHERE};
        TopicScan.read(config, TopicCatalogue.KEYS, 0, found -> {
            if (found.value() == null) {
                records.remove(found.key());
                newest[0] = found.offset();
                return;
            }
            try {
                records.put(found.key(), RecordJson.read(found.value(), SigningKeyRecord.class));
                newest[0] = found.offset();
            } catch (IOException e) {
                // Converters pass it over too.
                LOG.warn(
                        "Cannot read the record of key {} at precast-keys@{}: {}. It is passed over.",
                        found.key(),
                        found.offset(),
                        e.getMessage());
            }
        });
        return new Stand(new KeyRing(records), newest[0]);
    }

    /**
     * Writes states in this order, and returns once the brokers have all of them.
     *
     * @return the offset of the last one; -1 for none
     * @throws IllegalArgumentException if one of them holds anything but a public key: everybody may read the topic
     */
    public long write(List<SigningKeyRecord> states) throws IOException, InterruptedException {
        Map<String, SigningKeyRecord> records = new LinkedHashMap<>();
        for (SigningKeyRecord state : states) {
            requirePublic(state);
            records.put(state.keyId(), state);
        }
        return TopicWriter.write(config, TopicCatalogue.KEYS, records);
    }

    private static void requirePublic(SigningKeyRecord state) {
        boolean isPublic;
        try {
            isPublic = !JWK.parse(state.jwk()).isPrivate();
        } catch (ParseException e) {
            isPublic = false;
        }
        if (!isPublic) {
            throw new IllegalArgumentException("Cannot write the key " + state.keyId()
                    + ": found no public JWK, expected the public half alone. Look at its record in precast-keys.");
        }
    }
}
