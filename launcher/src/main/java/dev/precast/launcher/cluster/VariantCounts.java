package dev.precast.launcher.cluster;

import dev.precast.schemas.image.Digest;
import dev.precast.schemas.json.RecordJson;
import dev.precast.schemas.kafka.KafkaConfig;
import dev.precast.schemas.kafka.TopicCatalogue;
import dev.precast.schemas.record.RecordKeys;
import dev.precast.schemas.record.TagOffers;
import dev.precast.schemas.record.VariantRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * What the variants' topic holds, counted by reading it through.
 *
 * @param tags with offers, refused ones included
 * @param manifests variants, each with a digest of its own in its repository
 * @param refusedTags of which at least one format is refused
 * @param refusals tags by reason: a tag counts once for each of its reasons
 */
public record VariantCounts(int tags, int manifests, int refusedTags, Map<String, Integer> refusals) {
    /** Of tags and digests only 64 bits of a hash are kept: a hundred thousand of them have to fit into little memory. */
    private static final class Counter {
        private final Map<Long, Set<String>> tags = new HashMap<>();
        private final Set<Long> manifests = new HashSet<>();
        private final Map<Set<String>, Set<String>> known = new HashMap<>();

        void take(ConsumerRecord<String, byte[]> found) {
            String key = found.key();
            if (key == null) {
                return;
            }
            long hash = hash(key);
            if (RecordKeys.isDigest(key)) {
                if (found.value() == null) {
                    manifests.remove(hash);
                } else {
                    manifests.add(hash);
                }
            } else if (found.value() == null) {
                tags.remove(hash);
            } else {
                Set<String> reasons = reasons(found.value());
                tags.put(hash, known.computeIfAbsent(reasons, same -> same));
            }
        }

        private static Set<String> reasons(byte[] value) {
            try {
                Set<String> reasons = new HashSet<>();
                if (RecordJson.read(value, VariantRecord.class) instanceof TagOffers offers) {
                    offers.offers().values().forEach(offer -> {
                        if (offer.refusal() != null) {
                            reasons.add(offer.refusal().reason().name());
                        }
                    });
                }
                return reasons;
            } catch (IOException e) {
                return Set.of("(unreadable record)");
            }
        }

        private static long hash(String key) {
            return ByteBuffer.wrap(hashBytes(key)).getLong();
        }

        private static byte[] hashBytes(String key) {
            return java.util.HexFormat.of()
                    .parseHex(
                            Digest.sha256(key.getBytes(StandardCharsets.UTF_8)).hex(), 0, 16);
        }

        VariantCounts counts() {
            Map<String, Integer> refusals = new TreeMap<>();
            tags.values().forEach(reasons -> reasons.forEach(reason -> refusals.merge(reason, 1, Integer::sum)));
            int refused = (int)
                    tags.values().stream().filter(reasons -> !reasons.isEmpty()).count();
            return new VariantCounts(tags.size(), manifests.size(), refused, refusals);
        }
    }

    /** @param progress told how much was read, from 0 to 1 */
    public static VariantCounts read(KafkaConfig config, DoubleConsumer progress) throws IOException {
        Counter counter = new Counter();
        List<org.apache.kafka.common.TopicPartition> partitions =
                TopicScan.allPartitions(config, TopicCatalogue.VARIANTS);
        TopicScan.read(config, partitions, Long.MAX_VALUE, counter::take, progress);
        return counter.counts();
    }
}
